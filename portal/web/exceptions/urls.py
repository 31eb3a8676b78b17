"""The URLs of exceptions and of the approver's inbox."""

from __future__ import annotations

from portal.web.exceptions.views import comments, exceptions, inbox, mute_list, request
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _guarded, _page, _under
from portal.web.shared.recorded import recorded

urlpatterns = [
    *_under(
        navigation.INBOX,
        _page("inbox/", inbox.inbox, "inbox"),
        _page("inbox/<uuid:pk>/", inbox.inbox_request, "inbox-request"),
        _guarded("inbox/<uuid:pk>/approve/", inbox.inbox_approve, "inbox-approve"),
        _guarded("inbox/<uuid:pk>/refuse/", inbox.inbox_refuse, "inbox-refuse"),
    ),
    *_under(
        navigation.EXCEPTIONS,
        _page("t/<slug:slug>/exceptions/", exceptions.exceptions, "exceptions"),
        _page("t/<slug:slug>/exceptions/register.csv", recorded(exceptions.export), "exceptions-export"),
        _form("t/<slug:slug>/exceptions/request/", request.exception_request, "exception-request"),
        _form("t/<slug:slug>/exceptions/mute-list/", mute_list.mute_list, "exception-mute-list"),
        _page("t/<slug:slug>/exceptions/<uuid:pk>/", exceptions.exception, "exception"),
        _guarded(
            "t/<slug:slug>/exceptions/<uuid:pk>/approve/", exceptions.decide_approve, "exception-approve"
        ),
        _guarded("t/<slug:slug>/exceptions/<uuid:pk>/refuse/", exceptions.decide_refuse, "exception-refuse"),
        _form("t/<slug:slug>/exceptions/<uuid:pk>/comment/", comments.add, "exception-comment"),
        _form(
            "t/<slug:slug>/exceptions/comments/<uuid:pk>/delete/",
            comments.delete,
            "exception-comment-delete",
        ),
        _form("t/<slug:slug>/exceptions/<uuid:pk>/withdraw/", exceptions.end_withdraw, "exception-withdraw"),
        _guarded("t/<slug:slug>/exceptions/<uuid:pk>/revoke/", exceptions.end_revoke, "exception-revoke"),
    ),
]
