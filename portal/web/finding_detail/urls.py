"""The addresses of one finding and of its comments."""

from __future__ import annotations

from portal.web.finding_detail.views import check, comments, finding, treatment
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _page, _under

urlpatterns = [
    *_under(
        navigation.FINDINGS,
        _page("t/<slug:slug>/findings/<uuid:pk>/", finding.finding, "finding"),
        _page("t/<slug:slug>/findings/<uuid:pk>/panel/", finding.in_panel, "finding-panel"),
        _form("t/<slug:slug>/findings/<uuid:pk>/check/", check.check, "finding-check"),
        _form("t/<slug:slug>/findings/<uuid:pk>/assign/", treatment.assign, "finding-assign"),
        _form("t/<slug:slug>/findings/<uuid:pk>/claim/", treatment.claim, "finding-claim"),
        _form(
            "t/<slug:slug>/findings/<uuid:pk>/acknowledge/",
            treatment.acknowledge,
            "finding-acknowledge",
        ),
        _form("t/<slug:slug>/findings/<uuid:pk>/take-back/", treatment.take_back, "finding-take-back"),
        _form("t/<slug:slug>/findings/<uuid:pk>/comment/", comments.add, "finding-comment"),
        _page("t/<slug:slug>/findings/<uuid:pk>/mentions/", comments.mentions, "finding-mentions"),
        _form("t/<slug:slug>/comments/<uuid:pk>/", comments.edit, "comment-edit"),
        _form("t/<slug:slug>/comments/<uuid:pk>/delete/", comments.delete, "comment-delete"),
        _form("t/<slug:slug>/undo/<uuid:pk>/", treatment.undo, "batch-undo"),
    ),
]
