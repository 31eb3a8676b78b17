"""The addresses of a customer's inventory."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import _page, _under
from portal.web.inventory import views
from portal.web.shared.recorded import recorded

urlpatterns = [
    *_under(
        navigation.INVENTORY,
        _page("t/<slug:slug>/inventory/", views.inventory, "inventory"),
        _page("t/<slug:slug>/inventory/export.csv", recorded(views.as_csv), "inventory-csv"),
        _page("t/<slug:slug>/inventory/<uuid:pk>/", views.resource, "resource"),
        _page("t/<slug:slug>/inventory/<uuid:pk>/compare/", views.compare, "resource-compare"),
    ),
]
