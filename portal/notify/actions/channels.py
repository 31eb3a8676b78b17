"""Channels: add, change, switch, test, rotate the secret, delete. Addresses and secrets go in sealed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal import links
from portal.notify import signing
from portal.notify.addresses import Target, parse
from portal.notify.formats import TEST
from portal.notify.kinds import KINDS
from portal.notify.models import Channel, Post
from portal.notify.publish import SEND, Event, new_post
from tenants import journal
from tenants.actors import Actor, System
from tenants.dispatch import enqueue
from tenants.errors import Conflict, invalid
from tenants.ids import uuid7
from tenants.models import Person, Tenant
from tenants.secrets import seal

NOTIFICATIONS: Final = System("notifications")
MAX_CHANNELS: Final = 50
SWITCHED_OFF: Final = "The channel was switched off before this was posted."


@transaction.atomic
def add_channel(
    *, tenant: Tenant, by: Actor, name: str, kind: str, address: str, kinds: Collection[str]
) -> tuple[Channel, str]:
    """A channel, and the secret that signs a webhook's posts (empty for others), which is shown here only.

    RefusedAddress, InvalidInput or Conflict (the name is taken) where it cannot be.
    """
    if kind not in Channel.Kind.values:
        raise invalid("kind", f"Choose one of {', '.join(Channel.Kind.labels)}.")
    if Channel.objects.filter(tenant=tenant).count() >= MAX_CHANNELS:
        raise Conflict(f"A tenant has at most {MAX_CHANNELS} channels. Delete one that is not used.")
    channel = Channel(
        tenant=tenant,
        name=_name(name),
        kind=kind,
        host=_displayable_host(parse(address)),
        kinds=_kinds(kinds),
        created_by=by if isinstance(by, Person) else None,
    )
    seal(channel, "address", address.strip())
    secret = ""
    if kind == Channel.Kind.WEBHOOK:
        secret = signing.new_secret()
        seal(channel, "secret", secret)
    _save(channel, force_insert=True)
    _journal(
        channel, by, "channel.added", name=channel.name, kind=kind, host=channel.host, events=channel.kinds
    )
    return channel, secret


@transaction.atomic
def change_channel(
    *, channel: Channel, by: Actor, name: str, kinds: Collection[str], address: str = ""
) -> Channel:
    """Another name, other events, and, where one is given, another address. The kind stays."""
    row = _locked(channel)
    before = {"name": row.name, "host": row.host, "events": row.kinds}
    row.name, row.kinds = _name(name), _kinds(kinds)
    if address.strip():
        row.host = _displayable_host(parse(address))
        seal(row, "address", address.strip())
    _save(row)
    after = {"name": row.name, "host": row.host, "events": row.kinds}
    _journal(row, by, "channel.changed", before=before, after=after, address_replaced=bool(address.strip()))
    return row


@transaction.atomic
def switch_channel(*, channel: Channel, by: Actor, enabled: bool) -> Channel:
    """On or off. What waits for a channel that is switched off is given up, and can be retried later."""
    row = _locked(channel)
    if row.enabled == enabled:
        return row
    row.enabled, row.disabled_because = enabled, ""
    row.save(update_fields=["enabled", "disabled_because"])
    given_up = 0 if enabled else _give_up_waiting(row)
    _journal(row, by, "channel.enabled" if enabled else "channel.disabled", name=row.name, given_up=given_up)
    return row


@transaction.atomic
def disable_unreachable(*, channel: Channel, because: str) -> None:
    """What Surety does itself when a receiver says that it is gone for good."""
    row = Channel.objects.select_for_update(of=("self",)).filter(pk=channel.pk, enabled=True).first()
    if row is None:
        return
    row.enabled, row.disabled_because = False, because[:300]
    row.save(update_fields=["enabled", "disabled_because"])
    given_up = _give_up_waiting(row)
    _journal(row, NOTIFICATIONS, "channel.disabled", name=row.name, because=because, given_up=given_up)


@transaction.atomic
def rotate_secret(*, channel: Channel, by: Actor) -> str:
    """A new secret, shown here only. The old one signs nothing any more, tries that are under way included.

    Each try is signed anew: what a receiver refuses until it knows the new secret comes again by itself.
    """
    row = _locked(channel)
    if row.kind != Channel.Kind.WEBHOOK:
        raise invalid("kind", "Only signed webhooks have a secret.")
    secret = signing.new_secret()
    seal(row, "secret", secret)
    row.save(update_fields=["secret"])
    _journal(row, by, "channel.secret_rotated", name=row.name)
    return secret


@transaction.atomic
def send_test(*, channel: Channel, by: Actor) -> Post:
    """Post a test event, through the same worker and with the same retries as any other."""
    row = _locked(channel)
    if not row.enabled:
        raise Conflict("This channel is switched off. Switch it on, then test it.", code="channel_off")
    event = Event(
        kind=TEST,
        key=f"test:{uuid7()}",
        title=f"This is a test from Surety for {row.tenant.name}",
        lines=("Events of this tenant will arrive here.",),
        path=links.tenant(row.tenant.slug),
    )
    post = new_post(row, row.tenant, event, by, timezone.now())
    post.save(force_insert=True)
    _journal(row, by, "channel.tested", name=row.name, post=post.pk)
    enqueue(SEND, row.tenant_id)
    return post


@transaction.atomic
def delete_channel(*, channel: Channel, by: Actor) -> None:
    """Remove the channel with all it was sent."""
    row = _locked(channel)
    _journal(row, by, "channel.deleted", name=row.name, kind=row.kind, host=row.host)
    row.delete()


def _locked(channel: Channel) -> Channel:
    return Channel.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=channel.pk)


def _give_up_waiting(channel: Channel) -> int:
    waiting = Post.objects.filter(channel=channel, state=Post.State.WAITING)
    return waiting.update(state=Post.State.DEAD, error=SWITCHED_OFF)


def _save(channel: Channel, *, force_insert: bool = False) -> None:
    try:
        with transaction.atomic():
            channel.save(force_insert=force_insert)
    except IntegrityError as error:
        if "notify_channel_name" not in str(error):
            raise
        message = "There is a channel of that name. Choose another."
        raise Conflict(message, code="already_there", fields={"name": [message]}) from error


def _name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > 120 or not cleaned.isprintable():
        raise invalid("name", "Give a name of 1 to 120 characters.")
    return cleaned


def _kinds(kinds: Collection[str]) -> list[str]:
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise invalid("kinds", f"There is no kind of event “{unknown[0]}”.")
    if not kinds:
        raise invalid("kinds", "Choose at least one kind of event.")
    return [key for key in KINDS if key in kinds]


def _displayable_host(target: Target) -> str:
    """What may be shown of an address: its path may be the password to it."""
    return target.host_header[:255]


def _journal(channel: Channel, by: Actor, action: str, **details: object) -> None:
    journal.record(
        tenant=channel.tenant, actor=by, action=action, target=f"channel:{channel.pk}", details=details
    )
