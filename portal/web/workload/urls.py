"""The URLs of the workload pages."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import page, under
from portal.web.workload import views

urlpatterns = [
    *under(
        navigation.WORKLOAD,
        page("workload/", views.workload, "workload"),
    ),
    *under(
        navigation.CUSTOMER_WORKLOAD,
        page("t/<slug:slug>/owners/", views.tenant_workload, "tenant-workload"),
    ),
]
