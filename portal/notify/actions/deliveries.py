"""Deliveries that were given up: try again, or drop."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from portal.notify.errors import WrongState
from portal.notify.models import Notice, Post
from portal.notify.publish import SEND
from tenants import journal
from tenants.actors import Actor
from tenants.dispatch import enqueue


@transaction.atomic
def retry_post(*, post: Post, by: Actor) -> Post:
    """Try a post that was given up again, with all its tries. Its delivery id stays."""
    row = _dead(post)
    if not row.channel.enabled:
        raise WrongState(f"“{row.channel}” is switched off. Switch it on first.", code="channel_off")
    row.state, row.attempts, row.due_at, row.error = Post.State.WAITING, 0, timezone.now(), ""
    row.save(update_fields=["state", "attempts", "due_at", "error"])
    _journal(row, by, "channel.post_retried")
    enqueue(SEND, row.tenant_id)
    return row


@transaction.atomic
def drop_post(*, post: Post, by: Actor) -> None:
    """Leave a post that was given up. The row stays, so that the event is not posted anew."""
    row = _dead(post)
    row.state = Post.State.DROPPED
    row.save(update_fields=["state"])
    _journal(row, by, "channel.post_dropped")


@transaction.atomic
def retry_mail(*, notice: Notice, by: Actor) -> Notice:
    """Mail a notice again that could not be sent."""
    row = _failed(notice)
    row.state, row.attempts, row.due_at, row.error = Notice.State.WAITING, 0, timezone.now(), ""
    row.save(update_fields=["state", "attempts", "due_at", "error"])
    _journal_mail(row, by, "notice.mail_retried")
    enqueue(SEND, row.tenant_id)
    return row


@transaction.atomic
def drop_mail(*, notice: Notice, by: Actor) -> None:
    """Leave a mail that could not be sent. Its notice stays in its person's list, with the reason."""
    row = _failed(notice)
    row.state, row.findings = Notice.State.KEPT, []
    row.save(update_fields=["state", "findings"])
    _journal_mail(row, by, "notice.mail_dropped")


def _failed(notice: Notice) -> Notice:
    row = Notice.objects.select_for_update(of=("self",)).select_related("tenant", "person").get(pk=notice.pk)
    if row.state != Notice.State.FAILED:
        raise WrongState("This mail was not given up: there is nothing to retry or to drop.")
    return row


def _journal_mail(notice: Notice, by: Actor, action: str) -> None:
    journal.record(
        tenant=notice.tenant,
        actor=by,
        action=action,
        target=f"notice:{notice.pk}",
        details={"kind": notice.kind, "to": notice.person.email},
    )


def _dead(post: Post) -> Post:
    row = Post.objects.select_for_update(of=("self",)).select_related("channel", "tenant").get(pk=post.pk)
    if row.state != Post.State.DEAD:
        raise WrongState("This was not given up: there is nothing to retry or to drop.")
    return row


def _journal(post: Post, by: Actor, action: str) -> None:
    journal.record(
        tenant=post.tenant,
        actor=by,
        action=action,
        target=f"channel:{post.channel_id}",
        details={"post": post.pk, "event": post.kind, "channel": post.channel.name},
    )
