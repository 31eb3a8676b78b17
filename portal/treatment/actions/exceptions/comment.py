"""Comment on an exception: before the decision, approvers can ask and the requester can answer."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.notify.models import Notice
from portal.notify.publish import replace_lines
from portal.retention.selectors import refuse_on_hold
from portal.treatment.actions._text import DELETED_COMMENT, clean_text, display_name, quoted_lines
from portal.treatment.actions.exceptions.records import approvers, notify
from portal.treatment.errors import WrongState
from portal.treatment.models import ExceptionComment, FindingException
from portal.treatment.selectors.exceptions import name_with_problem
from portal.treatment.selectors.findings import people_who_see_exception
from tenants import journal
from tenants.errors import PermissionDenied
from tenants.models import Person

MAX_CHARACTERS: Final = 4000
KIND: Final = "exception_commented"


@transaction.atomic
def add_exception_comment(*, exception: FindingException, by: Person, body: str) -> ExceptionComment:
    """Add a comment. Notify the requester, the person who decided, and everybody who commented before.

    People who can no longer see the exception are not notified. The requester's comment on a pending exception also
    notifies the approvers. Raises InvalidInput if the text is empty or too long.
    """
    body = clean_text("body", body, MAX_CHARACTERS, required=True)
    earlier = ExceptionComment.objects.filter(exception=exception).values("author")
    people = {exception.requested_by, *Person.objects.filter(pk__in=earlier)}
    if exception.decided_by is not None:
        people.add(exception.decided_by)
    if by == exception.requested_by and exception.state in FindingException.PENDING:
        people.update(approvers(exception))
    comment = ExceptionComment.objects.create(
        tenant=exception.tenant, exception=exception, author=by, at=timezone.now(), body=body
    )
    _journal(comment, by, "exception.commented")
    notify(
        exception,
        kind=KIND,
        key=f"comment:{comment.pk}",
        title=f"{display_name(by)} commented on {name_with_problem(exception)}",
        lines=quoted_lines(body),
        subscribers=sorted(people_who_see_exception(exception, people), key=lambda person: person.email),
        by=by,
    )
    return comment


@transaction.atomic
def delete_exception_comment(*, comment: ExceptionComment, by: Person) -> None:
    """Delete the text of the caller's own comment, also from notices, events and stored posts. Messages that were
    already sent do not change.

    Raises PermissionDenied if another person wrote the comment, WrongState if it is already deleted, and Conflict if
    the customer is on legal hold.
    """
    row = ExceptionComment.objects.select_for_update(of=("self",)).select_related("exception", "tenant")
    comment = row.get(pk=comment.pk)
    if comment.author_id != by.pk:
        raise PermissionDenied("Only the author of a comment can delete it.", code="not_yours")
    if comment.deleted_at is not None:
        raise WrongState("This comment was deleted. Reload the page.")
    refuse_on_hold(comment.tenant)
    comment.body, comment.deleted_at = "", timezone.now()
    comment.save(update_fields=["body", "deleted_at"])
    _journal(comment, by, "exception.comment_deleted")
    key = f"exception:{comment.exception_id}:comment:{comment.pk}"
    notices = Notice.objects.filter(tenant=comment.tenant_id, kind=KIND, key=key)
    notices.filter(read_at__isnull=True, attempts=0).exclude(state=Notice.State.SENT).delete()
    replace_lines(tenant_id=comment.tenant_id, kinds=[KIND], key=key, lines=[DELETED_COMMENT])


def _journal(comment: ExceptionComment, by: Person, action: str) -> None:
    # The author can delete the comment later, but nobody can delete a journal entry. So the journal does not record the
    # text of a comment.
    journal.record(
        tenant=comment.tenant,
        actor=by,
        action=action,
        target=comment.exception,
        details={
            "comment": comment.pk,
            "number": comment.exception.number,
            "characters": len(comment.body),
        },
    )
