"""The URLs of campaigns."""

from __future__ import annotations

from portal.web.campaigns import views
from portal.web.frame import navigation
from portal.web.frame.addresses import form, page, under

urlpatterns = [
    *under(
        navigation.CAMPAIGNS,
        page("organizations/<slug:slug>/campaigns/", views.campaigns, "campaigns"),
        form("organizations/<slug:slug>/campaigns/start/", views.start, "campaign-start"),
        form("organizations/<slug:slug>/campaigns/<uuid:pk>/", views.campaign, "campaign"),
        form("organizations/<slug:slug>/campaigns/<uuid:pk>/end/", views.end, "campaign-end"),
    ),
]
