"""Retry or discard failed deliveries."""

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
    """Retry a failed post. Its attempts are counted from zero again; its delivery id does not change."""
    row = _locked_failed_post(post)
    if not row.channel.enabled:
        raise WrongState(f"The channel “{row.channel}” is turned off. Turn it on first.", code="channel_off")
    row.state, row.attempts, row.due_at, row.error = Post.State.WAITING, 0, timezone.now(), ""
    row.save(update_fields=["state", "attempts", "due_at", "error"])
    _journal_post(row, by, "channel.post_retried")
    enqueue(SEND, row.tenant_id)
    return row


@transaction.atomic
def drop_post(*, post: Post, by: Actor) -> None:
    """Discard a failed post. Keep its row, so that the same event is not posted again."""
    row = _locked_failed_post(post)
    row.state = Post.State.DROPPED
    row.save(update_fields=["state"])
    _journal_post(row, by, "channel.post_dropped")


@transaction.atomic
def retry_mail(*, notice: Notice, by: Actor) -> Notice:
    """Retry a failed mail; its attempts are counted from zero again."""
    row = _locked_failed_notice(notice)
    row.state, row.attempts, row.due_at, row.error = Notice.State.WAITING, 0, timezone.now(), ""
    row.save(update_fields=["state", "attempts", "due_at", "error"])
    _journal_mail(row, by, "notice.mail_retried")
    enqueue(SEND, row.tenant_id)
    return row


@transaction.atomic
def drop_mail(*, notice: Notice, by: Actor) -> None:
    """Discard a failed mail. The person's list still shows the notice, with the reason of the failure."""
    row = _locked_failed_notice(notice)
    row.state, row.findings = Notice.State.KEPT, []
    row.save(update_fields=["state", "findings"])
    _journal_mail(row, by, "notice.mail_dropped")


def _locked_failed_notice(notice: Notice) -> Notice:
    row = Notice.objects.select_for_update(of=("self",)).select_related("tenant", "person").get(pk=notice.pk)
    if row.state != Notice.State.FAILED:
        raise WrongState("Only failed emails can be retried or discarded. Reload the page.")
    return row


def _journal_mail(notice: Notice, by: Actor, action: str) -> None:
    journal.record(
        tenant=notice.tenant,
        actor=by,
        action=action,
        target=f"notice:{notice.pk}",
        details={"kind": notice.kind, "to": notice.person.email},
    )


def _locked_failed_post(post: Post) -> Post:
    row = Post.objects.select_for_update(of=("self",)).select_related("channel", "tenant").get(pk=post.pk)
    if row.state != Post.State.DEAD:
        raise WrongState("Only failed posts can be retried or discarded. Reload the page.")
    return row


def _journal_post(post: Post, by: Actor, action: str) -> None:
    journal.record(
        tenant=post.tenant,
        actor=by,
        action=action,
        target=f"channel:{post.channel_id}",
        details={"post": post.pk, "event": post.kind, "channel": post.channel.name},
    )
