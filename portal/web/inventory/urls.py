"""The addresses of a customer's inventory."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import _guarded, _page, _under
from portal.web.inventory import approvals, views
from portal.web.shared.recorded import recorded

urlpatterns = [
    *_under(
        navigation.INVENTORY,
        _page("t/<slug:slug>/inventory/", views.inventory, "inventory"),
        _page("t/<slug:slug>/inventory/export.csv", recorded(views.as_csv), "inventory-csv"),
        _guarded("t/<slug:slug>/inventory/approve/", approvals.approve_matching, "resources-approve"),
        _page("t/<slug:slug>/inventory/<uuid:pk>/", views.resource, "resource"),
        _guarded("t/<slug:slug>/inventory/<uuid:pk>/approve/", approvals.approve, "resource-approve"),
        _guarded("t/<slug:slug>/inventory/<uuid:pk>/withdraw/", approvals.withdraw, "resource-withdraw"),
        _page("t/<slug:slug>/inventory/<uuid:pk>/compare/", views.compare, "resource-compare"),
    ),
]
