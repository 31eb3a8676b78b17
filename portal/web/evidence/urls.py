"""The URL of an attached file."""

from __future__ import annotations

from portal.web.evidence import views
from portal.web.frame.addresses import page
from portal.web.shared.recorded_downloads import recorded

urlpatterns = [
    page("t/<slug:slug>/files/<uuid:pk>/", recorded(views.evidence_file), "evidence-file"),
]
