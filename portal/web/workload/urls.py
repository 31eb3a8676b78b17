"""The addresses of the workload pages."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import _page, _under
from portal.web.workload import views

urlpatterns = [
    *_under(
        navigation.WORKLOAD,
        _page("who/", views.workload, "workload"),
    ),
    *_under(
        navigation.CUSTOMER_WORKLOAD,
        _page("t/<slug:slug>/owners/", views.tenant_workload, "tenant-workload"),
    ),
]
