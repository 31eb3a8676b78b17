"""The addresses of imported vulnerability scans."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _page, _under
from portal.web.scans import views

urlpatterns = [
    *_under(
        navigation.SCANS,
        _form("t/<slug:slug>/scans/", views.scans, "scans"),
        _page("t/<slug:slug>/scans/<uuid:pk>/", views.scan, "scan"),
        _form("t/<slug:slug>/scans/<uuid:pk>/delete/", views.delete, "scan-delete"),
    ),
]
