"""The addresses of attestations."""

from __future__ import annotations

from portal.web.attestations import bulk, views
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _page, _under
from portal.web.shared.recorded import recorded

urlpatterns = [
    *_under(
        navigation.ATTESTATIONS,
        _page("t/<slug:slug>/attestations/", views.attestations, "attestations"),
        _page("t/<slug:slug>/attestations/register.csv", recorded(views.export), "attestations-export"),
        _form("t/<slug:slug>/attestations/answer/", bulk.answer_selected, "attestations-answer"),
        _form("t/<slug:slug>/attestations/<uuid:pk>/", views.attest, "attest"),
        _form("t/<slug:slug>/attestations/<uuid:pk>/withdraw/", views.withdraw, "attestation-withdraw"),
    ),
]
