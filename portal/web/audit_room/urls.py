"""The URL of the auditor's room."""

from __future__ import annotations

from portal.web.audit_room import views
from portal.web.frame import navigation
from portal.web.frame.addresses import page, under

urlpatterns = [
    *under(
        navigation.AUDIT_ROOM,
        page("t/<slug:slug>/audit/", views.audit_room, "audit-room"),
    ),
]
