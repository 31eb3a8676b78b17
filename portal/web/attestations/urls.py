"""The URLs of attestations."""

from __future__ import annotations

from portal.web.attestations import bulk, views
from portal.web.frame import navigation
from portal.web.frame.addresses import form, page, under
from portal.web.shared.recorded_downloads import recorded

urlpatterns = [
    *under(
        navigation.ATTESTATIONS,
        page("t/<slug:slug>/attestations/", views.attestations, "attestations"),
        page("t/<slug:slug>/attestations/register.csv", recorded(views.export), "attestations-export"),
        form("t/<slug:slug>/attestations/answer/", bulk.answer_selected, "attestations-answer"),
        form("t/<slug:slug>/attestations/<uuid:pk>/", views.attest, "attest"),
        form("t/<slug:slug>/attestations/<uuid:pk>/withdraw/", views.withdraw, "attestation-withdraw"),
    ),
]
