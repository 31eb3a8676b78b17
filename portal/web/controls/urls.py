"""The URLs of the catalogue of controls."""

from __future__ import annotations

from portal.web.controls import views
from portal.web.frame import navigation
from portal.web.frame.addresses import page, under

urlpatterns = [
    *under(
        navigation.CONTROLS,
        page("controls/", views.controls, "controls"),
        page("controls/<slug:slug>/", views.control, "control"),
    ),
]
