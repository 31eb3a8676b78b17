"""The URLs of imported vulnerability scans."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import form, page, under
from portal.web.scans import views

urlpatterns = [
    *under(
        navigation.SCANS,
        form("t/<slug:slug>/scans/", views.scans, "scans"),
        page("t/<slug:slug>/scans/<uuid:pk>/", views.scan, "scan"),
        form("t/<slug:slug>/scans/<uuid:pk>/delete/", views.delete, "scan-delete"),
    ),
]
