"""The URLs of one finding and of its comments."""

from __future__ import annotations

from portal.web.finding_detail.views import check, comments, finding, treatment
from portal.web.frame import navigation
from portal.web.frame.addresses import form, page, under

urlpatterns = [
    *under(
        navigation.FINDINGS,
        page("t/<slug:slug>/findings/<uuid:pk>/", finding.finding, "finding"),
        page("t/<slug:slug>/findings/<uuid:pk>/panel/", finding.in_panel, "finding-panel"),
        form("t/<slug:slug>/findings/<uuid:pk>/check/", check.check, "finding-check"),
        form("t/<slug:slug>/findings/<uuid:pk>/assign/", treatment.assign, "finding-assign"),
        form("t/<slug:slug>/findings/<uuid:pk>/claim/", treatment.claim, "finding-claim"),
        form(
            "t/<slug:slug>/findings/<uuid:pk>/acknowledge/",
            treatment.acknowledge,
            "finding-acknowledge",
        ),
        form("t/<slug:slug>/findings/<uuid:pk>/take-back/", treatment.take_back, "finding-take-back"),
        form("t/<slug:slug>/findings/<uuid:pk>/comment/", comments.add, "finding-comment"),
        page("t/<slug:slug>/findings/<uuid:pk>/mentions/", comments.mentions, "finding-mentions"),
        form("t/<slug:slug>/comments/<uuid:pk>/", comments.edit, "comment-edit"),
        form("t/<slug:slug>/comments/<uuid:pk>/delete/", comments.delete, "comment-delete"),
        form("t/<slug:slug>/undo/<uuid:pk>/", treatment.undo, "batch-undo"),
    ),
]
