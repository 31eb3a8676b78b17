"""The URL of the person's own findings."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import page, under
from portal.web.my import views

urlpatterns = [
    *under(
        navigation.MY_FINDINGS,
        page("my/", views.my, "my"),
    ),
]
