"""The addresses of assessments."""

from __future__ import annotations

from portal.web.assessments import views
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _page, _under

urlpatterns = [
    *_under(
        navigation.ASSESSMENTS,
        _page("t/<slug:slug>/assessments/", views.assessments, "assessments"),
        _form("t/<slug:slug>/assessments/start/", views.start, "assessment-start"),
        _page("t/<slug:slug>/assessments/<uuid:pk>/", views.assessment, "assessment"),
        _form("t/<slug:slug>/assessments/<uuid:pk>/cancel/", views.cancel, "assessment-cancel"),
        _form("t/<slug:slug>/assessments/<uuid:pk>/retry/", views.retry, "assessment-retry"),
    ),
]
