"""The addresses of a customer's overview."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import _page, _under
from portal.web.tenant_overview.views import changes, exposure, tenant

urlpatterns = [
    *_under(
        navigation.OVERVIEW,
        _page("t/<slug:slug>/", tenant.tenant, "tenant"),
        _page("t/<slug:slug>/changes/", changes.changes, "changes"),
        _page("t/<slug:slug>/exposure/", exposure.exposure, "exposure"),
        _page("t/<slug:slug>/exposure/export.csv", exposure.exposure_csv, "exposure-csv"),
    ),
]
