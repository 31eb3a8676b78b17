"""Posts to channels: what comes of an answer."""

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
from portal.notify.delivery.claims import POST_TRIES, claim_post, record_post, retry_time
from portal.notify.formats import render_body
from portal.notify.models import Post
from portal.notify.outbound import post as post_out
from tenants.errors import SuretyError
from tenants.scope import tenant_scope
from tenants.secrets import unseal

log = structlog.get_logger(__name__)

FIRST_RETRY_SECONDS: Final = 30.0
MAX_RETRY_SECONDS: Final = 4 * 3600.0
GONE: Final = 410


@dataclass(frozen=True, slots=True)
class _Outcome:
    """`error` empty: delivered. `status` 0: no answer."""

    error: str = ""
    status: int = 0
    final: bool = False
    retry_after: int = 0


def send_posts(tenant_id: UUID, *, until: float) -> int:
    """Post what is due of a tenant until `until` (of `time.monotonic`). How many were taken.

    A channel that failed once waits for the next turn, so that a slow one does not hold up the others.
    """
    taken, tired = 0, set[UUID]()
    while time.monotonic() < until:
        with tenant_scope(tenant_id):
            claimed = claim_post(tenant_id, not_to=tired)
        if claimed is None:
            break
        outcome = _attempt(claimed)
        with tenant_scope(tenant_id):
            _record(claimed, outcome)
        taken += not outcome.error
        if outcome.error:
            tired.add(claimed.channel_id)
    return taken


def _attempt(post: Post) -> _Outcome:
    channel = post.channel
    body = render_body(channel.kind, post.payload, str(post.pk))
    sent = {"Content-Type": "application/json; charset=utf-8"}
    try:
        if channel.kind == channel.Kind.WEBHOOK:
            signed = signing.headers(
                secret=unseal(channel, "secret"),
                event=post.kind,
                delivery=str(post.pk),
                timestamp=int(time.time()),
                body=body,
            )
            sent |= signed
        answer = post_out(unseal(channel, "address").reveal(), body, sent)
    except RefusedAddress as error:
        return _Outcome(error.message, final=True)
    except SuretyError as error:
        return _Outcome(error.message)
    if 200 <= answer.status < 300:
        return _Outcome(status=answer.status)
    return _Outcome(
        _reason(answer.status), answer.status, final=answer.status == GONE, retry_after=answer.retry_after
    )


def _reason(status: int) -> str:
    if 300 <= status < 400:
        return f"The receiver answered {status}: redirects are not followed. Enter where it leads to."
    if status == GONE:
        return "The receiver answered 410: it is gone for good."
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
    if outcome.final or post.attempts >= POST_TRIES:
        record_post(post, state=Post.State.DEAD, status=outcome.status, error=outcome.error)
        if outcome.status == GONE:
            disable_unreachable(channel=post.channel, because=outcome.error)
        return
    moment = retry_time(
        post.attempts, first=FIRST_RETRY_SECONDS, most=MAX_RETRY_SECONDS, least=outcome.retry_after
    )
    record_post(post, due_at=moment, status=outcome.status, error=outcome.error)
