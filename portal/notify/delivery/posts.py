"""Send due posts to channels and evaluate the responses."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog
from django.utils import timezone

from portal.notify import signing
from portal.notify.actions.channels import disable_unreachable
from portal.notify.addresses import RefusedAddress
from portal.notify.attempts import retry_time
from portal.notify.delivery.claims import MAX_POST_ATTEMPTS, claim_post, record_post
from portal.notify.formats import render_body
from portal.notify.models import Channel, Post
from portal.notify.outbound import post as post_out
from tenants.errors import SuretyError
from tenants.scope import tenant_scope
from tenants.secrets import Secret, unseal

log = structlog.get_logger(__name__)

FIRST_RETRY_SECONDS: Final = 30.0
MAX_RETRY_SECONDS: Final = 4 * 3600.0
GONE: Final = 410


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The result of an attempt. `error` is empty if the post was delivered. `status` is 0 if there was no response.

    If `final` is set, a retry would not help. `retry_after` is the minimum delay in seconds that the receiver asked
    for.
    """

    error: str = ""
    status: int = 0
    final: bool = False
    retry_after: int = 0


def send_posts(tenant_id: UUID, *, until: float) -> int:
    """Send a tenant's due posts; return how many were delivered.

    Start no post after `until`, a time of `time.monotonic()`. After a failure, the channel gets no more posts in this
    run, so that a slow receiver does not delay others.
    """
    delivered, failed_channels = 0, set[UUID]()
    while time.monotonic() < until:
        with tenant_scope(tenant_id):
            claimed = claim_post(tenant_id, excluded_channels=failed_channels)
        if claimed is None:
            break
        outcome = _attempt(claimed)
        with tenant_scope(tenant_id):
            _record(claimed, outcome)
        delivered += not outcome.error
        if outcome.error:
            failed_channels.add(claimed.channel_id)
    return delivered


def _attempt(post: Post) -> _Outcome:
    channel = post.channel
    body = render_body(channel.kind, post.payload, str(post.pk))
    headers = {"Content-Type": "application/json; charset=utf-8"}
    try:
        if channel.kind == channel.Kind.WEBHOOK:
            headers |= signing.headers(
                secrets=_valid_secrets(channel),
                message_id=str(signing.event_id(post.tenant_id, post.kind, post.key)),
                event=post.kind,
                delivery=str(post.pk),
                timestamp=int(time.time()),
                body=body,
            )
        response = post_out(unseal(channel, "address").reveal(), body, headers)
    except RefusedAddress as error:
        return _Outcome(error.message, final=True)
    except SuretyError as error:
        return _Outcome(error.message)
    if 200 <= response.status < 300:
        return _Outcome(status=response.status)
    return _Outcome(
        _reason(response.status),
        response.status,
        final=response.status == GONE,
        retry_after=response.retry_after,
    )


def _valid_secrets(channel: Channel) -> list[Secret]:
    """Return the channel's secret and, if the previous secret is still valid, the previous secret."""
    found = [unseal(channel, "secret")]
    if channel.previous_secret_until is not None and channel.previous_secret_until > timezone.now():
        found.append(unseal(channel, "previous_secret"))
    return found


def _reason(status: int) -> str:
    if 300 <= status < 400:
        return (
            f"The receiver answered {status}, which is a redirect. Surety does not follow redirects. Enter the"
            " final address."
        )
    if status == GONE:
        return "The receiver answered 410: the address no longer exists."
    return f"The receiver answered {status}."


def _record(post: Post, outcome: _Outcome) -> None:
    now = timezone.now()
    if not outcome.error:
        record_post(post, state=Post.State.DELIVERED, delivered_at=now, status=outcome.status, error="")
        return
    log.warning(
        "post not delivered", post=str(post.pk), channel=str(post.channel_id), attempt=post.attempts,
        status=outcome.status, error=outcome.error,
    )  # fmt: skip
    if outcome.final or post.attempts >= MAX_POST_ATTEMPTS:
        record_post(post, state=Post.State.DEAD, status=outcome.status, error=outcome.error)
        if outcome.status == GONE:
            disable_unreachable(channel=post.channel, because=outcome.error)
        return
    due_at = retry_time(
        post.attempts, first=FIRST_RETRY_SECONDS, maximum=MAX_RETRY_SECONDS, minimum=outcome.retry_after
    )
    record_post(post, due_at=due_at, status=outcome.status, error=outcome.error)
