"""The addresses of the catalogue of controls."""

from __future__ import annotations

from portal.web.controls import views
from portal.web.frame import navigation
from portal.web.frame.addresses import _page, _under

urlpatterns = [
    *_under(
        navigation.CONTROLS,
        _page("controls/", views.controls, "controls"),
        _page("controls/<slug:slug>/", views.control, "control"),
    ),
]
