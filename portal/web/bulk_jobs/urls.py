"""The addresses of bulk jobs."""

from __future__ import annotations

from portal.web.bulk_jobs import views
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _page, _under

urlpatterns = [
    *_under(
        navigation.BULK_JOBS,
        _page("t/<slug:slug>/bulk-jobs/", views.bulk_jobs, "bulk-jobs"),
        _page("t/<slug:slug>/bulk-jobs/<uuid:pk>/", views.bulk_job, "bulk-job"),
        _form("t/<slug:slug>/bulk-jobs/<uuid:pk>/cancel/", views.cancel, "bulk-job-cancel"),
        _form("t/<slug:slug>/bulk-jobs/<uuid:pk>/undo/", views.undo, "bulk-job-undo"),
    ),
]
