"""The URLs of exceptions and of the approver's inbox."""

from __future__ import annotations

from portal.web.exceptions.views import comments, exceptions, inbox, mute_list, request
from portal.web.frame import navigation
from portal.web.frame.addresses import form, guarded, page, under
from portal.web.shared.recorded_downloads import recorded

urlpatterns = [
    *under(
        navigation.INBOX,
        page("inbox/", inbox.inbox, "inbox"),
        page("inbox/<uuid:pk>/", inbox.inbox_request, "inbox-request"),
        guarded("inbox/<uuid:pk>/approve/", inbox.inbox_approve, "inbox-approve"),
        guarded("inbox/<uuid:pk>/refuse/", inbox.inbox_refuse, "inbox-refuse"),
    ),
    *under(
        navigation.EXCEPTIONS,
        page("t/<slug:slug>/exceptions/", exceptions.exceptions, "exceptions"),
        page("t/<slug:slug>/exceptions/register.csv", recorded(exceptions.export), "exceptions-export"),
        form("t/<slug:slug>/exceptions/request/", request.exception_request, "exception-request"),
        form("t/<slug:slug>/exceptions/mute-list/", mute_list.mute_list, "exception-mute-list"),
        page("t/<slug:slug>/exceptions/<uuid:pk>/", exceptions.exception, "exception"),
        guarded(
            "t/<slug:slug>/exceptions/<uuid:pk>/approve/", exceptions.decide_approve, "exception-approve"
        ),
        guarded("t/<slug:slug>/exceptions/<uuid:pk>/refuse/", exceptions.decide_refuse, "exception-refuse"),
        form("t/<slug:slug>/exceptions/<uuid:pk>/comment/", comments.add, "exception-comment"),
        form(
            "t/<slug:slug>/exceptions/comments/<uuid:pk>/delete/",
            comments.delete,
            "exception-comment-delete",
        ),
        form("t/<slug:slug>/exceptions/<uuid:pk>/withdraw/", exceptions.end_withdraw, "exception-withdraw"),
        guarded("t/<slug:slug>/exceptions/<uuid:pk>/revoke/", exceptions.end_revoke, "exception-revoke"),
    ),
]
