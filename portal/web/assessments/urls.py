"""The URLs of assessments."""

from __future__ import annotations

from portal.web.assessments import views
from portal.web.frame import navigation
from portal.web.frame.addresses import form, page, under

urlpatterns = [
    *under(
        navigation.ASSESSMENTS,
        page("t/<slug:slug>/assessments/", views.assessments, "assessments"),
        form("t/<slug:slug>/assessments/start/", views.start, "assessment-start"),
        page("t/<slug:slug>/assessments/<uuid:pk>/", views.assessment, "assessment"),
        form("t/<slug:slug>/assessments/<uuid:pk>/cancel/", views.cancel, "assessment-cancel"),
        form("t/<slug:slug>/assessments/<uuid:pk>/retry/", views.retry, "assessment-retry"),
    ),
]
