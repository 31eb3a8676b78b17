"""The URLs of bulk jobs."""

from __future__ import annotations

from portal.web.bulk_jobs import views
from portal.web.frame import navigation
from portal.web.frame.addresses import form, page, under

urlpatterns = [
    *under(
        navigation.BULK_JOBS,
        page("t/<slug:slug>/bulk-jobs/", views.bulk_jobs, "bulk-jobs"),
        page("t/<slug:slug>/bulk-jobs/<uuid:pk>/", views.bulk_job, "bulk-job"),
        form("t/<slug:slug>/bulk-jobs/<uuid:pk>/cancel/", views.cancel, "bulk-job-cancel"),
        form("t/<slug:slug>/bulk-jobs/<uuid:pk>/undo/", views.undo, "bulk-job-undo"),
    ),
]
