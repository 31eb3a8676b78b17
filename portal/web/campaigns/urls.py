"""The addresses of campaigns."""

from __future__ import annotations

from portal.web.campaigns import views
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _page, _under

urlpatterns = [
    *_under(
        navigation.CAMPAIGNS,
        _page("organizations/<slug:slug>/campaigns/", views.campaigns, "campaigns"),
        _form("organizations/<slug:slug>/campaigns/start/", views.start, "campaign-start"),
        _form("organizations/<slug:slug>/campaigns/<uuid:pk>/", views.campaign, "campaign"),
        _form("organizations/<slug:slug>/campaigns/<uuid:pk>/end/", views.end, "campaign-end"),
    ),
]
