"""Add, edit and delete comments on findings. `@name@host` mentions a person by email address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal import links
from portal.notify.models import Notice
from portal.notify.publish import Event, publish, replace_lines
from portal.retention.selectors import refuse_on_hold
from portal.treatment.actions._text import DELETED_COMMENT, clean_text, display_name, quoted_lines
from portal.treatment.errors import WrongState
from portal.treatment.models import Comment, Treatment
from portal.treatment.naming import finding_label
from portal.treatment.selectors.owners import people_who_see
from tenants import journal
from tenants.errors import PermissionDenied, invalid
from tenants.models import Person

MAX_CHARACTERS: Final = 10_000
_KINDS: Final = ("mentioned", "commented")
_MENTION: Final = re.compile(r"(?<![\w@.])@([\w.+-]+@[\w-]+(?:\.[\w-]+)+)")


def mentioned_addresses(body: str) -> list[str]:
    """Return the email addresses that a text mentions, in lower case and without repetitions."""
    return list(dict.fromkeys(found.lower().rstrip(".-") for found in _MENTION.findall(body)))


@transaction.atomic
def add_comment(*, finding: Finding, by: Person, body: str) -> Comment:
    """Add a comment, and notify the finding's owner and the people mentioned.

    Raises InvalidInput if the text is empty or too long, or mentions a person who cannot see the finding.
    """
    body = clean_text("body", body, MAX_CHARACTERS, required=True)
    people = _mentioned_people(finding, body)
    comment = Comment.objects.create(
        tenant=finding.tenant,
        finding=finding,
        author=by,
        at=timezone.now(),
        body=body,
        mentions=[who.pk for who in people],
    )
    _journal(comment, by, "comment.added")
    _notify_mentioned(comment, people, by)
    owner = Treatment.objects.filter(finding=finding, owner__isnull=False).select_related("owner").first()
    if owner is not None and owner.owner is not None and owner.owner not in people:
        _notify(
            comment,
            "commented",
            f"{display_name(by)} commented on {finding_label(finding)}",
            [owner.owner],
            by,
        )
    return comment


@transaction.atomic
def edit_comment(*, comment: Comment, by: Person, body: str) -> Comment:
    """Edit a comment that the caller wrote.

    People who are mentioned for the first time are notified. Notices that were neither read nor mailed are deleted if
    the new text no longer mentions their recipients. The remaining notices, the event feed and stored posts to channels
    get the new text.

    Raises PermissionDenied if another person wrote the comment, WrongState if the comment is deleted, and Conflict if
    the customer is on legal hold. Raises InvalidInput if the text is invalid.
    """
    comment = _own_comment(comment, by)
    body = clean_text("body", body, MAX_CHARACTERS, required=True)
    if body == comment.body:
        return comment
    refuse_on_hold(comment.tenant)
    people = _mentioned_people(comment.finding, body)
    before = set(comment.mentions)
    comment.body, comment.edited_at = body, timezone.now()
    comment.mentions = [who.pk for who in people]
    comment.save(update_fields=["body", "edited_at", "mentions"])
    _journal(comment, by, "comment.edited")
    _undelivered(_notices_of(comment).filter(kind="mentioned").exclude(person__in=people)).delete()
    _replace_text(comment, quoted_lines(comment.body))
    _notify_mentioned(comment, [who for who in people if who.pk not in before], by)
    return comment


@transaction.atomic
def delete_comment(*, comment: Comment, by: Person) -> None:
    """Delete the text of a comment that the caller wrote. The text is also deleted from notices, events and stored
    posts that quote it, but not from messages that were already sent. Notices that were neither read nor mailed are
    deleted as a whole.

    Raises PermissionDenied if another person wrote the comment, WrongState if it is already deleted, and Conflict if
    the customer is on legal hold.
    """
    comment = _own_comment(comment, by)
    refuse_on_hold(comment.tenant)
    comment.body, comment.mentions, comment.deleted_at = "", [], timezone.now()
    comment.save(update_fields=["body", "mentions", "deleted_at"])
    _journal(comment, by, "comment.deleted")
    _undelivered(_notices_of(comment)).delete()
    _replace_text(comment, [DELETED_COMMENT])


def _own_comment(comment: Comment, by: Person) -> Comment:
    row = (
        Comment.objects.select_for_update(of=("self",)).select_related("finding", "tenant").get(pk=comment.pk)
    )
    if row.author_id != by.pk:
        raise PermissionDenied(
            "Only the author of a comment can change it. Write a comment of your own.", code="not_yours"
        )
    if row.deleted_at is not None:
        raise WrongState("This comment was deleted. Reload the page.")
    return row


def _notices_of(comment: Comment) -> QuerySet[Notice]:
    """Return the notices that quote the comment, including notices of its edits."""
    return Notice.objects.filter(
        tenant=comment.tenant_id, kind__in=_KINDS, key__startswith=_event_key(comment)
    )


def _replace_text(comment: Comment, lines: Iterable[str]) -> None:
    replace_lines(tenant_id=comment.tenant_id, kinds=_KINDS, key=_event_key(comment), lines=lines)


def _event_key(comment: Comment) -> str:
    """Return the beginning of the keys of all events about the comment."""
    return f"comment:{comment.pk}:"


def _undelivered(rows: QuerySet[Notice]) -> QuerySet[Notice]:
    """Return the notices that are neither read nor mailed."""
    return rows.filter(read_at__isnull=True, attempts=0).exclude(state=Notice.State.SENT)


def _mentioned_people(finding: Finding, body: str) -> list[Person]:
    wanted = mentioned_addresses(body)
    if not wanted:
        return []
    known = {who.email: who for who in people_who_see(finding)}
    if unknown := [address for address in wanted if address not in known]:
        message = (
            f"These people cannot see the finding: {', '.join(unknown)}. Mention only members of"
            f" {finding.tenant.name}. To write an address without mentioning the person, omit the first @."
        )
        raise invalid("body", message, code="unknown_mention")
    return [known[address] for address in wanted]


def _journal(comment: Comment, by: Person, action: str) -> None:
    # The author can delete the comment later, but nobody can delete a journal entry. So the journal does not record the
    # text of a comment.
    journal.record(
        tenant=comment.tenant,
        actor=by,
        action=action,
        target=comment.finding,
        details={"comment": comment.pk, "characters": len(comment.body), "mentions": comment.mentions},
    )


def _notify_mentioned(comment: Comment, people: Iterable[Person], by: Person) -> None:
    people = list(people)
    label = finding_label(comment.finding)
    names = ", ".join(display_name(person) for person in people)
    _notify(
        comment,
        "mentioned",
        f"{display_name(by)} mentioned you on {label}",
        people,
        by,
        title_for_all=f"{display_name(by)} mentioned {names} on {label}",
    )


def _notify(
    comment: Comment, kind: str, title: str, people: Iterable[Person], by: Person, title_for_all: str = ""
) -> None:
    people = list(people)
    if not people:
        return
    publish(
        tenant=comment.tenant,
        event=Event(
            kind=kind,
            key=f"{_event_key(comment)}{kind}"
            + (f":{comment.edited_at.isoformat()}" if comment.edited_at else ""),
            title=title,
            title_to_all=title_for_all,
            lines=quoted_lines(comment.body),
            path=f"{links.finding(comment.tenant.slug, comment.finding_id)}#comment-{comment.pk}",
            finding=comment.finding,
            data={"finding": str(comment.finding_id), "control": comment.finding.control},
        ),
        subscribers=people,
        by=by,
    )
