"""The URLs of a customer's overview."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import page, under
from portal.web.shared.recorded_downloads import recorded
from portal.web.tenant_overview.views import changes, exposure, tenant

urlpatterns = [
    *under(
        navigation.OVERVIEW,
        page("t/<slug:slug>/", tenant.tenant, "tenant"),
        page("t/<slug:slug>/changes/", changes.changes, "changes"),
        page("t/<slug:slug>/exposure/", exposure.exposure, "exposure"),
        page("t/<slug:slug>/exposure/export.csv", recorded(exposure.exposure_csv), "exposure-csv"),
    ),
]
