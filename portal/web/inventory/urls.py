"""The URLs of a customer's inventory."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import guarded, page, under
from portal.web.inventory import approvals, views
from portal.web.shared.recorded_downloads import recorded

urlpatterns = [
    *under(
        navigation.INVENTORY,
        page("t/<slug:slug>/inventory/", views.inventory, "inventory"),
        page("t/<slug:slug>/inventory/export.csv", recorded(views.as_csv), "inventory-csv"),
        guarded("t/<slug:slug>/inventory/approve/", approvals.approve_matching, "resources-approve"),
        page("t/<slug:slug>/inventory/<uuid:pk>/", views.resource, "resource"),
        guarded("t/<slug:slug>/inventory/<uuid:pk>/approve/", approvals.approve, "resource-approve"),
        guarded("t/<slug:slug>/inventory/<uuid:pk>/withdraw/", approvals.withdraw, "resource-withdraw"),
        page("t/<slug:slug>/inventory/<uuid:pk>/compare/", views.compare, "resource-compare"),
    ),
]
