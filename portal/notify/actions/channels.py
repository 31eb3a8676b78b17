"""Add, change, turn off, test and delete channels, and rotate their secrets. The URLs and secrets of channels are
encrypted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal import links
from portal.notify import signing
from portal.notify.addresses import parse
from portal.notify.formats import TEST
from portal.notify.kinds import KINDS
from portal.notify.models import Channel, Post
from portal.notify.publish import SEND, Event, new_post
from portal.notify.selectors import channel_part
from tenants import journal
from tenants.actors import Actor, System
from tenants.dispatch import enqueue
from tenants.errors import Conflict, SecretsUnusable, invalid
from tenants.ids import uuid7
from tenants.models import Person, Tenant
from tenants.secrets import seal, unseal
from tenants.turns import take_turn
from tenants.values.names import require_letter_or_digit
from tenants.values.stale_values import REMOVED, Part, check_unchanged
from tenants.values.unique_names import unique_name

NOTIFICATIONS: Final = System("notifications")
MAX_CHANNELS: Final = 50
MAX_WAITING_TESTS: Final = 3
"""The maximum number of tests of a channel that wait at the same time. The number is limited, because a worker waits
for the receiver in each test.
"""
MAX_OVERLAP: Final = timedelta(days=7)
"""The maximum time for which posts are also signed with the replaced secret."""
_NAME_CONSTRAINT: Final = "notify_channel_name"
_SECRETS: Final = ("secret", "previous_secret", "previous_secret_until")
SWITCHED_OFF: Final = "The channel was turned off before the event was posted."


@transaction.atomic
def add_channel(
    *,
    tenant: Tenant,
    by: Actor,
    name: str,
    kind: str,
    address: str,
    kinds: Collection[str],
    secret: str = "",
) -> tuple[Channel, str]:
    """Add a channel. Return the channel and its signing secret, which cannot be read again. Only webhooks have a
    secret; for other channels, it is empty.

    `secret` is a webhook's signing secret, for example one that the channels of several tenants share. If it is empty,
    a new secret is generated. Raises RefusedAddress or InvalidInput. Raises Conflict if the name is taken or there are
    too many channels.
    """
    return _add(tenant, by, name, kind, address.strip(), displayable_host(address), kinds, secret)


@transaction.atomic
def add_channel_without_address(
    *, tenant: Tenant, by: Actor, name: str, kind: str, kinds: Collection[str]
) -> Channel:
    """Add a channel that is off until a person enters its URL and turns it on.

    A new webhook gets a signing secret that nobody sees. To get a secret for the receiver, a person must replace this
    secret later. Raises InvalidInput. Raises Conflict if the name is taken or there are too many channels.
    """
    return _add(tenant, by, name, kind, "", "", kinds, "")[0]


def _add(
    tenant: Tenant,
    by: Actor,
    name: str,
    kind: str,
    address: str,
    host: str,
    kinds: Collection[str],
    secret: str,
) -> tuple[Channel, str]:
    if kind not in Channel.Kind.values:
        raise invalid("kind", f"Choose one of {', '.join(Channel.Kind.labels)}.")
    take_turn(tenant)
    if Channel.objects.filter(tenant=tenant).count() >= MAX_CHANNELS:
        raise Conflict(
            f"A customer can have at most {MAX_CHANNELS} channels. Delete an unused channel first."
        )
    channel = Channel(
        tenant=tenant,
        name=clean_channel_name(name),
        kind=kind,
        host=host,
        kinds=clean_kinds(kinds),
        enabled=bool(host),
        created_by=by if isinstance(by, Person) else None,
    )
    seal(channel, "address", address)
    secret = (secret or signing.new_secret()) if kind == Channel.Kind.WEBHOOK else ""
    if secret:
        seal(channel, "secret", secret)
    with unique_name(_NAME_CONSTRAINT, "channel"):
        channel.save(force_insert=True)
    _journal(
        channel, by, "channel.added", name=channel.name, kind=kind, host=channel.host, events=channel.kinds
    )
    return channel, secret


@transaction.atomic
def change_channel(
    *,
    channel: Channel,
    by: Actor,
    name: str,
    kinds: Collection[str],
    address: str = "",
    secret: str = "",
    expected: Part | None = None,
) -> Channel:
    """Change the name, the events and, if `address` is given, the URL of a channel. The kind cannot be changed.

    `secret` is a webhook's new signing secret, for example one that the channels of several tenants share. If it is
    empty, the secret does not change. `expected` is the `channel_part` that the person saw. Raises Conflict
    (changed_meanwhile, removed_meanwhile) if the channel has changed or was deleted since.
    """
    row = _locked(channel)
    before, seen = {"name": row.name, "host": row.host, "events": row.kinds}, channel_part(row)
    row.name, row.kinds = clean_channel_name(name, row.name), clean_kinds(kinds)
    check_unchanged(expected, seen, {} if address.strip() else channel_part(row))
    if address.strip():
        row.host = displayable_host(address)
        seal(row, "address", address.strip())
    replaces_secret = bool(secret) and not _has_secret(row, secret)
    if replaces_secret:
        seal(row, "secret", secret)
        row.previous_secret = row.previous_secret_until = None
    with unique_name(_NAME_CONSTRAINT, "channel"):
        row.save()
    after = {"name": row.name, "host": row.host, "events": row.kinds}
    _journal(row, by, "channel.changed", before=before, after=after, address_replaced=bool(address.strip()))
    if replaces_secret:
        _journal(row, by, "channel.secret_rotated", name=row.name)
    return row


def _has_secret(row: Channel, secret: str) -> bool:
    """Return whether `secret` is the signing secret of the channel. If the stored secret cannot be decrypted, because
    its key was lost, return False, so that the caller replaces the secret.
    """
    try:
        return row.secret is not None and unseal(row, "secret").reveal() == secret
    except SecretsUnusable as error:
        if error.code != "key_missing":
            raise
        return False


@transaction.atomic
def switch_channel(*, channel: Channel, by: Actor, enabled: bool) -> Channel:
    """Turn a channel on or off. Raise Conflict if a channel without a URL is to be turned on.

    Turning a channel off marks the channel's waiting posts as failed; people can retry these posts later.
    """
    row = _locked(channel)
    if row.enabled == enabled:
        return row
    if enabled and not row.has_address:
        raise Conflict("This channel has no address yet. Enter an address first.", code="no_address")
    row.enabled, row.disabled_because = enabled, ""
    row.save(update_fields=["enabled", "disabled_because"])
    failed = 0 if enabled else _fail_waiting_posts(row)
    _journal(row, by, "channel.enabled" if enabled else "channel.disabled", name=row.name, given_up=failed)
    return row


@transaction.atomic
def disable_unreachable(*, channel: Channel, because: str) -> None:
    """Turn off a channel on behalf of Surety, because the receiver answered that the channel's URL no longer exists."""
    row = Channel.objects.select_for_update(of=("self",)).filter(pk=channel.pk, enabled=True).first()
    if row is None:
        return
    row.enabled, row.disabled_because = False, because[:300]
    row.save(update_fields=["enabled", "disabled_because"])
    failed = _fail_waiting_posts(row)
    _journal(row, NOTIFICATIONS, "channel.disabled", name=row.name, because=because, given_up=failed)


@transaction.atomic
def rotate_secret(*, channel: Channel, by: Actor, overlap: timedelta = timedelta()) -> str:
    """Replace the signing secret and return the new one, which cannot be read again.

    During `overlap`, posts also have a signature with the previous secret, but not with older secrets. If there is no
    overlap, the receiver rejects posts until it has the new secret, and gets the rejected posts later.

    Raise InvalidInput for an overlap that is negative or longer than `MAX_OVERLAP`, and for channels without a secret.
    Raise SecretsUnusable if there is an overlap, but the present secret cannot be decrypted.
    """
    if not timedelta() <= overlap <= MAX_OVERLAP:
        raise invalid("overlap", f"Choose an overlap of at most {MAX_OVERLAP.days} days.")
    row = _locked(channel)
    if row.kind != Channel.Kind.WEBHOOK:
        raise invalid("kind", "This channel is not a signed webhook, so it has no secret.")
    row.previous_secret = row.previous_secret_until = None
    if overlap:
        seal(row, "previous_secret", unseal(row, "secret").reveal())
        row.previous_secret_until = timezone.now() + overlap
    secret = signing.new_secret()
    seal(row, "secret", secret)
    row.save(update_fields=_SECRETS)
    _journal(row, by, "channel.secret_rotated", name=row.name, previous_valid_until=row.previous_secret_until)
    return secret


def delete_ended_secrets(tenant_id: UUID, now: datetime) -> int:
    """In a tenant's channels, delete the replaced signing secrets whose overlap has ended. Return their number.

    Needs the tenant's scope.
    """
    ended = Channel.objects.filter(tenant_id=tenant_id, previous_secret_until__lte=now)
    return ended.update(previous_secret=None, previous_secret_until=None)


@transaction.atomic
def send_test(*, channel: Channel, by: Actor) -> Post:
    """Send a test event. A worker posts it, and retries the post as for any other event.

    Raise Conflict if the channel is turned off, or if `MAX_WAITING_TESTS` test events still wait for delivery.
    """
    row = _locked(channel)
    if not row.enabled:
        raise Conflict("This channel is turned off. Turn it on, then send the test.", code="channel_off")
    if Post.objects.filter(channel=row, kind=TEST, state=Post.State.WAITING).count() >= MAX_WAITING_TESTS:
        raise Conflict(
            f"{MAX_WAITING_TESTS} tests of this channel are not delivered yet. Wait until they are delivered. To"
            " discard them, turn the channel off and on.",
            code="tests_waiting",
        )
    event = Event(
        kind=TEST,
        key=f"test:{uuid7()}",
        title=f"Test message from Surety for {row.tenant.name}",
        lines=("Events of this customer will be posted here.",),
        path=links.tenant(row.tenant.slug),
    )
    post = new_post(row, row.tenant, event, by, timezone.now())
    post.save(force_insert=True)
    _journal(row, by, "channel.tested", name=row.name, post=post.pk)
    enqueue(SEND, row.tenant_id)
    return post


@transaction.atomic
def delete_channel(*, channel: Channel, by: Actor, expected: Part | None = None) -> None:
    """Delete the channel and its posts. `expected` is the `channel_part` that the person saw."""
    row = _locked(channel)
    check_unchanged(expected, channel_part(row), {})
    _journal(row, by, "channel.deleted", name=row.name, kind=row.kind, host=row.host)
    row.delete()


def lock_channels(tenants: Iterable[Tenant], names: Collection[str]) -> None:
    """Until the transaction ends, lock the tenants' channels that have one of the names. Call this function before an
    action that changes several of these channels.
    """
    rows = Channel.objects.filter(tenant__in=list(tenants), name__in=names).order_by("pk")
    list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk"))


def _locked(channel: Channel) -> Channel:
    # FOR NO KEY UPDATE does not block transactions that insert posts. With FOR UPDATE, such a transaction would wait at
    # its commit, when PostgreSQL checks the foreign key of the new post. At that time, the transaction also holds the
    # advisory lock JOURNAL, so a deadlock would be possible.
    rows = Channel.objects.select_for_update(no_key=True, of=("self",)).select_related("tenant")
    row = rows.filter(pk=channel.pk).first()
    if row is None:
        raise Conflict("Somebody else has deleted this channel. Open the list of channels.", code=REMOVED)
    return row


def _fail_waiting_posts(channel: Channel) -> int:
    waiting = Post.objects.filter(channel=channel, state=Post.State.WAITING)
    return waiting.update(state=Post.State.DEAD, error=SWITCHED_OFF)


def clean_channel_name(name: str, present: str = "") -> str:
    """Return the name with single spaces.

    Raises InvalidInput if the name is empty, too long, not printable, or has neither a letter nor a digit. The stored
    name `present` is accepted even without a letter or digit.
    """
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > 120 or not cleaned.isprintable():
        raise invalid("name", "Enter a name of 1 to 120 characters.")
    require_letter_or_digit(cleaned, present=present)
    return cleaned


def clean_kinds(kinds: Collection[str]) -> list[str]:
    """Return the kinds of event in the order of KINDS. Raises InvalidInput if `kinds` is empty, or if a kind is
    unknown.
    """
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise invalid("kinds", f"There is no kind of event “{unknown[0]}”. Choose kinds from the list.")
    if not kinds:
        raise invalid("kinds", "Choose at least one kind of event.")
    return [key for key in KINDS if key in kinds]


def displayable_host(address: str) -> str:
    """Return the host of a URL, with the port if it is not the default port. The path is left out, because it may be a
    credential.

    Raises RefusedAddress for a URL to which Surety does not post.
    """
    return parse(address).host_header[:255]


def _journal(channel: Channel, by: Actor, action: str, **details: object) -> None:
    journal.record(
        tenant=channel.tenant, actor=by, action=action, target=f"channel:{channel.pk}", details=details
    )
