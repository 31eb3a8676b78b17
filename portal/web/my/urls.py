"""The address of the person's own findings."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import _page, _under
from portal.web.my import views

urlpatterns = [
    *_under(
        navigation.MY_FINDINGS,
        _page("my/", views.my, "my"),
    ),
]
