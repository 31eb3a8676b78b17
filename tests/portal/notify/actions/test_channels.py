"""Channels: valid values, secrets and encryption, turning off, testing, deleting."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from portal.notify.actions.channels import (
    MAX_WAITING_TESTS,
    add_channel,
    change_channel,
    delete_channel,
    rotate_secret,
    send_test,
    switch_channel,
)
from portal.notify.actions.deliveries import retry_post
from portal.notify.actions.prune import prune
from portal.notify.delivery import is_due, send_due
from portal.notify.errors import WrongState
from portal.notify.models import Channel, Post
from tenants.errors import Conflict, InvalidInput
from tenants.models import JournalEntry, Tenant
from tenants.secrets import new_key
from tests import factories
from tests.factories import BY
from tests.portal.notify import outbox
from tests.portal.notify.outbox import only_post, publish_event
from tests.portal.notify.receivers import Receiver, is_standard, signature_is_valid

pytestmark = pytest.mark.django_db


def test_status_410_turns_the_channel_off(tenant: Tenant, receiver: Receiver) -> None:
    channel, _ = outbox.add_channel(tenant, receiver.url())
    receiver.answer(410)
    for number in range(3):
        publish_event(tenant, key=str(number))
    send_due(tenant_id=tenant.pk)
    assert len(receiver.received) == 1
    with factories.in_tenant(tenant):
        channel.refresh_from_db()
        assert not channel.enabled
        assert "410" in channel.disabled_because
        assert set(Post.objects.values_list("state", flat=True)) == {"dead"}
        entry = JournalEntry.objects.get(action="channel.disabled")
        assert entry.actor == "system:notifications"
        with pytest.raises(WrongState, match="turned off"):
            retry_post(post=Post.objects.filter(status=410).get(), by=BY)
        switch_channel(channel=channel, by=BY, enabled=True)
        channel.refresh_from_db()
        assert channel.disabled_because == ""


def test_a_secret_that_cannot_be_decrypted_is_reported(
    tenant: Tenant, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.add_channel(tenant, receiver.url())
    publish_event(tenant)
    monkeypatch.setenv("SURETY_KEYS", new_key())
    send_due(tenant_id=tenant.pk)
    post = only_post(tenant)
    assert (post.state, receiver.received) == ("waiting", [])
    assert "key" in post.error


def test_a_channel_that_is_turned_off_gets_no_posts(tenant: Tenant, receiver: Receiver) -> None:
    channel, _ = outbox.add_channel(tenant, receiver.url())
    publish_event(tenant)
    with factories.in_tenant(tenant):
        switch_channel(channel=channel, by=BY, enabled=False)
        assert not is_due(tenant)
    assert publish_event(tenant, key="2") == 0
    send_due(tenant_id=tenant.pk)
    assert receiver.received == []
    assert "turned off" in only_post(tenant).error


def test_a_rotated_secret_signs_waiting_posts(tenant: Tenant, receiver: Receiver) -> None:
    channel, old = outbox.add_channel(tenant, receiver.url())
    publish_event(tenant)
    with factories.in_tenant(tenant):
        new = rotate_secret(channel=channel, by=BY)
    send_due(tenant_id=tenant.pk)
    (got,) = receiver.received
    assert signature_is_valid(new, got.headers, got.body)
    assert not signature_is_valid(old, got.headers, got.body)


def test_a_replaced_secret_stays_valid_during_the_overlap(tenant: Tenant, receiver: Receiver) -> None:
    channel, old = outbox.add_channel(tenant, receiver.url())
    with factories.in_tenant(tenant):
        new = rotate_secret(channel=channel, by=BY, overlap=timedelta(hours=24))
        channel.refresh_from_db()
        assert channel.previous_secret_until is not None
        entry = JournalEntry.objects.get(action="channel.secret_rotated")
        assert entry.details["previous_valid_until"] == channel.previous_secret_until.isoformat()
    publish_event(tenant)
    with time_machine.travel(timezone.now() + timedelta(hours=23), tick=False):
        send_due(tenant_id=tenant.pk)
        (got,) = receiver.received
        assert is_standard(new, got.headers, got.body)
        assert is_standard(old, got.headers, got.body)
        # The deprecated header has a single signature, with the new secret.
        assert signature_is_valid(new, got.headers, got.body)
    publish_event(tenant, key="2")
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        send_due(tenant_id=tenant.pk)
        got = receiver.received[1]
        assert is_standard(new, got.headers, got.body)
        assert not is_standard(old, got.headers, got.body)
        prune(tenant_id=tenant.pk)
    with factories.in_tenant(tenant):
        channel.refresh_from_db()
        stored = Channel.objects.values_list("previous_secret", "previous_secret_until").get(pk=channel.pk)
        assert stored == (None, None)


def test_only_the_last_replaced_secret_stays_valid(tenant: Tenant, receiver: Receiver) -> None:
    channel, first = outbox.add_channel(tenant, receiver.url())
    with factories.in_tenant(tenant):
        second = rotate_secret(channel=channel, by=BY, overlap=timedelta(days=7))
        third = rotate_secret(channel=channel, by=BY, overlap=timedelta(days=7))
    publish_event(tenant)
    send_due(tenant_id=tenant.pk)
    (got,) = receiver.received
    assert [is_standard(one, got.headers, got.body) for one in (first, second, third)] == [False, True, True]
    with factories.in_tenant(tenant):
        last = rotate_secret(channel=channel, by=BY)
    publish_event(tenant, key="2")
    send_due(tenant_id=tenant.pk)
    got = receiver.received[1]
    assert [is_standard(one, got.headers, got.body) for one in (second, third, last)] == [False, False, True]
    with factories.in_tenant(tenant):
        for overlap in (timedelta(seconds=-1), timedelta(days=7, seconds=1)):
            with pytest.raises(InvalidInput, match="at most 7 days"):
                rotate_secret(channel=channel, by=BY, overlap=overlap)


def test_address_and_secret_are_not_in_the_journal_and_encrypted_in_the_table(
    tenant: Tenant, receiver: Receiver
) -> None:
    channel, secret = outbox.add_channel(tenant, receiver.url(path="/T000/B000/token-of-the-address"))
    with factories.in_tenant(tenant):
        change_channel(
            channel=channel, by=BY, name="New", kinds=["assigned"], address=receiver.url(path="/other-token")
        )
        send_test(channel=channel, by=BY)
        rotated = rotate_secret(channel=channel, by=BY, overlap=timedelta(hours=24))
        written = json.dumps(list(JournalEntry.objects.values_list("action", "details")), default=str)
        with connection.cursor() as cursor:
            cursor.execute("SELECT notify_channel::text FROM notify_channel")
            row = cursor.fetchone()[0]
    for private in (secret, rotated, "token-of-the-address", "other-token"):
        assert private not in written
        assert private not in row
    for action in ("channel.added", "channel.changed", "channel.tested", "channel.secret_rotated"):
        assert action in written


def test_a_test_event_is_sent_like_any_other(tenant: Tenant, receiver: Receiver) -> None:
    channel, secret = outbox.add_channel(tenant, receiver.url(), kinds=["assigned"])
    with factories.in_tenant(tenant):
        send_test(channel=channel, by=BY)
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    assert receiver.received[0].headers["Surety-Event"] == "test"
    assert signature_is_valid(secret, receiver.received[0].headers, receiver.received[0].body)


def test_nobody_keeps_the_workers_busy_with_tests_of_a_slow_receiver(
    tenant: Tenant, receiver: Receiver
) -> None:
    channel, _ = outbox.add_channel(tenant, receiver.url())
    receiver.answer(503)
    with factories.in_tenant(tenant):
        for _ in range(MAX_WAITING_TESTS):
            send_test(channel=channel, by=BY)
        with pytest.raises(Conflict, match="3 tests of this channel are not delivered yet"):
            send_test(channel=channel, by=BY)
    send_due(tenant_id=tenant.pk)
    with factories.in_tenant(tenant):
        with pytest.raises(Conflict):  # A failed test is retried, so it is not over yet.
            send_test(channel=channel, by=BY)
        switch_channel(channel=channel, by=BY, enabled=False)
        switch_channel(channel=channel, by=BY, enabled=True)
        assert send_test(channel=channel, by=BY).state == Post.State.WAITING


def test_deleting_a_channel_deletes_its_posts(tenant: Tenant, receiver: Receiver) -> None:
    channel, _ = outbox.add_channel(tenant, receiver.url())
    publish_event(tenant)
    with factories.in_tenant(tenant):
        delete_channel(channel=channel, by=BY)
        assert not Post.objects.exists()
        assert JournalEntry.objects.filter(action="channel.deleted").count() == 1
    assert send_due(tenant_id=tenant.pk) == (0, 0)


INVALID: list[dict[str, Any]] = [
    {"name": ""},
    {"name": "a\nb" * 100},
    {"kind": "pager"},
    {"kinds": []},
    {"kinds": ["nonsense"]},
    {"address": "https://127.0.0.1/"},
    {"address": ""},
]


@pytest.mark.parametrize("changes", INVALID, ids=[repr(changes)[:24] for changes in INVALID])
def test_invalid_channels_are_rejected(tenant: Tenant, changes: dict[str, Any]) -> None:
    values = {
        "name": "Tickets", "kind": "webhook", "address": "https://hooks.example.com/", "kinds": ["assigned"],
        **changes,
    }  # fmt: skip
    with factories.in_tenant(tenant), pytest.raises(InvalidInput):
        add_channel(tenant=tenant, by=BY, **values)
    with factories.in_tenant(tenant):
        assert not Channel.objects.exists()


def test_channel_names_are_unique(tenant: Tenant) -> None:
    outbox.add_channel(tenant, "https://hooks.example.com/")
    with pytest.raises(Conflict, match="already exists"):
        outbox.add_channel(tenant, "https://hooks.example.com/")


@pytest.mark.parametrize("kind", Channel.Kind.values)
def test_rotating_keys_encrypts_channels_with_the_new_key(
    tenant: Tenant, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Addresses of Teams and Slack channels, which have no secret, are encrypted again too."""
    old, new = new_key(), new_key()
    monkeypatch.setenv("SURETY_KEYS", old)
    channel, _ = outbox.add_channel(tenant, receiver.url(), kind=kind)
    if kind == Channel.Kind.WEBHOOK:
        with factories.in_tenant(tenant):
            rotate_secret(channel=channel, by=BY, overlap=timedelta(hours=24))
    monkeypatch.setenv("SURETY_KEYS", f"{new},{old}")
    call_command("rotate_keys", stdout=StringIO())
    monkeypatch.setenv("SURETY_KEYS", new)
    publish_event(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 1)
