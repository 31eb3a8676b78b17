"""The URL of the page with all customers' findings."""

from __future__ import annotations

from portal.web.all_findings import views
from portal.web.frame import navigation
from portal.web.frame.addresses import page, under

urlpatterns = [
    *under(
        navigation.ALL_FINDINGS,
        page("findings/", views.findings_of_all, "all-findings"),
    ),
]
