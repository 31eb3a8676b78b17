"""Posts to channels against real receivers: signed, tried again, given up, and nothing twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.models import F
from django.utils import timezone

from portal.notify.actions.channels import (
    add_channel,
    change_channel,
    delete_channel,
    rotate_secret,
    send_test,
    switch_channel,
)
from portal.notify.actions.deliveries import drop_post, retry_post
from portal.notify.delivery import is_due, send_due
from portal.notify.delivery.claims import DIED, LEASE, POST_TRIES, claim_post, later, record_post
from portal.notify.errors import WrongState
from portal.notify.models import Channel, Post
from portal.notify.tasks import tick
from tenants.errors import Conflict, InvalidInput
from tenants.models import JournalEntry, Tenant
from tenants.secrets import new_key
from tests import factories
from tests.factories import BY
from tests.notify.conftest import happen, webhook
from tests.notify.receivers import Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant()


def the_post(tenant: Tenant) -> Post:
    with factories.in_tenant(tenant):
        return Post.objects.get(tenant=tenant)


def come_due(tenant: Tenant) -> None:
    """As if the time until the next try had passed."""
    with factories.in_tenant(tenant):
        Post.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """What a receiver does, as docs/webhooks.md shows it."""
    signed = headers["Surety-Timestamp"].encode() + b"." + body
    expected = "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(headers["Surety-Timestamp"])) < 300
    return fresh and hmac.compare_digest(expected, headers["Surety-Signature"])


def test_a_webhook_is_signed_and_says_what_happened(tenant: Tenant, receiver: Receiver) -> None:
    _, secret = webhook(tenant, receiver.url())
    happen(tenant, data={"exception": 12})
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    (got,) = receiver.got
    assert verified(secret, got.headers, got.body)
    assert not verified(secret + "x", got.headers, got.body)
    assert not verified(secret, got.headers, got.body + b" ")
    assert got.headers["Surety-Event"] == "exception_decided"
    assert got.headers["Content-Type"] == "application/json; charset=utf-8"
    said = json.loads(got.body)
    post = the_post(tenant)
    assert got.headers["Surety-Delivery"] == str(post.pk) == said["id"]
    assert said["tenant"] == {"id": str(tenant.pk), "slug": tenant.slug, "name": tenant.name}
    assert said["title"] == "Exception 12 was approved"
    assert said["url"] == f"http://127.0.0.1:8000/t/{tenant.slug}/exceptions/"
    assert said["data"] == {"exception": 12}
    assert (post.state, post.status, post.attempts, post.error) == ("delivered", 204, 1, "")
    assert post.delivered_at is not None


def test_delivered_is_not_posted_again(tenant: Tenant, receiver: Receiver) -> None:
    webhook(tenant, receiver.url())
    assert happen(tenant) == 1
    assert happen(tenant) == 0
    assert [send_due(tenant_id=tenant.pk) for _ in range(3)] == [(0, 1), (0, 0), (0, 0)]
    assert len(receiver.got) == 1


def test_only_the_kinds_that_a_channel_wants(tenant: Tenant, receiver: Receiver) -> None:
    webhook(tenant, receiver.url(), kinds=["assigned"])
    assert happen(tenant) == 0
    assert happen(tenant, kind="assigned") == 1


def test_it_is_tried_again_with_the_same_delivery_and_a_new_signature(
    tenant: Tenant, receiver: Receiver
) -> None:
    _, secret = webhook(tenant, receiver.url())
    receiver.answers = [(500, {}), (204, {})]
    happen(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    post = the_post(tenant)
    assert (post.state, post.status, post.attempts) == ("waiting", 500, 1)
    assert post.error == "The receiver answered 500."
    assert timedelta(seconds=20) < post.due_at - timezone.now() < timedelta(seconds=40)
    assert send_due(tenant_id=tenant.pk) == (0, 0)  # not before its time
    come_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    first, second = receiver.got
    assert first.headers["Surety-Delivery"] == second.headers["Surety-Delivery"]
    assert first.body == second.body
    assert verified(secret, second.headers, second.body)


def test_retry_after_is_honoured(tenant: Tenant, receiver: Receiver) -> None:
    webhook(tenant, receiver.url())
    receiver.answer(429, Retry_After="1200")
    happen(tenant)
    send_due(tenant_id=tenant.pk)
    wait = the_post(tenant).due_at - timezone.now()
    assert timedelta(seconds=1190) < wait <= timedelta(seconds=1200)


def test_the_pauses_double_up_to_a_limit() -> None:
    for attempts, seconds in [(1, 30), (2, 60), (5, 480), (9, 7680), (10, 14400), (12, 14400)]:
        waits = [(later(attempts, first=30, most=14400) - timezone.now()).total_seconds() for _ in range(30)]
        assert all(0.79 * seconds <= wait <= 1.2 * seconds for wait in waits)
        assert len(set(waits)) > 1


def test_after_the_last_try_it_is_given_up_and_can_be_retried_or_dropped(
    tenant: Tenant, receiver: Receiver
) -> None:
    webhook(tenant, receiver.url())
    receiver.answer(503)
    happen(tenant)
    for number in range(1, POST_TRIES + 1):
        assert the_post(tenant).state == "waiting"
        come_due(tenant)
        send_due(tenant_id=tenant.pk)
        assert the_post(tenant).attempts == number
    dead = the_post(tenant)
    assert (dead.state, dead.error) == ("dead", "The receiver answered 503.")
    assert len(receiver.got) == POST_TRIES
    come_due(tenant)
    send_due(tenant_id=tenant.pk)
    assert len(receiver.got) == POST_TRIES
    receiver.answer(200)
    with factories.in_tenant(tenant):
        retry_post(post=dead, by=BY)
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    assert receiver.got[0].headers["Surety-Delivery"] == receiver.got[-1].headers["Surety-Delivery"]
    with factories.in_tenant(tenant), pytest.raises(WrongState):
        drop_post(post=dead, by=BY)


def test_a_dropped_one_stays_so_that_it_is_not_posted_anew(tenant: Tenant, receiver: Receiver) -> None:
    webhook(tenant, receiver.url())
    happen(tenant)
    with factories.in_tenant(tenant):
        Post.objects.update(state="dead")
        drop_post(post=Post.objects.get(), by=BY)
    assert happen(tenant) == 0
    send_due(tenant_id=tenant.pk)
    assert receiver.got == []


def test_gone_for_good_switches_the_channel_off(tenant: Tenant, receiver: Receiver) -> None:
    channel, _ = webhook(tenant, receiver.url())
    receiver.answer(410)
    for number in range(3):
        happen(tenant, key=str(number))
    send_due(tenant_id=tenant.pk)
    assert len(receiver.got) == 1
    with factories.in_tenant(tenant):
        channel.refresh_from_db()
        assert not channel.enabled
        assert "410" in channel.disabled_because
        assert set(Post.objects.values_list("state", flat=True)) == {"dead"}
        entry = JournalEntry.objects.get(action="channel.disabled")
        assert entry.actor == "system:notifications"
        with pytest.raises(WrongState, match="switched off"):
            retry_post(post=Post.objects.filter(status=410).get(), by=BY)
        switch_channel(channel=channel, by=BY, enabled=True)
        channel.refresh_from_db()
        assert channel.disabled_because == ""


def test_a_redirect_to_the_inside_is_not_followed(tenant: Tenant, receiver: Receiver) -> None:
    webhook(tenant, receiver.url())
    receiver.answer(302, Location="http://169.254.169.254/latest/meta-data/")
    happen(tenant)
    send_due(tenant_id=tenant.pk)
    assert "redirects are not followed" in the_post(tenant).error


def test_a_name_that_leads_inside_is_given_up_at_once(
    tenant: Tenant, settings: Any, resolver: Callable[..., list[str]]
) -> None:
    webhook(tenant, "https://hooks.example.com/x")
    resolver("hooks.example.com", "10.0.0.8")
    happen(tenant)
    send_due(tenant_id=tenant.pk)
    post = the_post(tenant)
    assert (post.state, post.status, post.attempts) == ("dead", 0, 1)
    assert "not a public address" in post.error


def test_a_secret_that_does_not_open_is_said(
    tenant: Tenant, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook(tenant, receiver.url())
    happen(tenant)
    monkeypatch.setenv("SURETY_KEYS", new_key())
    send_due(tenant_id=tenant.pk)
    post = the_post(tenant)
    assert (post.state, receiver.got) == ("waiting", [])
    assert "key" in post.error


def test_a_slow_channel_does_not_hold_up_another(tenant: Tenant, receiver: Receiver) -> None:
    webhook(tenant, "http://127.0.0.1:9/closed", name="A broken one")
    webhook(tenant, receiver.url(), name="B")
    for number in range(3):
        happen(tenant, key=str(number))
    assert send_due(tenant_id=tenant.pk) == (0, 3)
    with factories.in_tenant(tenant):
        tried = Post.objects.filter(channel__name="A broken one", attempts__gt=0).count()
    assert tried == 1


def test_a_channel_that_is_switched_off_gets_nothing(tenant: Tenant, receiver: Receiver) -> None:
    channel, _ = webhook(tenant, receiver.url())
    happen(tenant)
    with factories.in_tenant(tenant):
        switch_channel(channel=channel, by=BY, enabled=False)
        assert not is_due(tenant)
    assert happen(tenant, key="2") == 0
    send_due(tenant_id=tenant.pk)
    assert receiver.got == []
    assert "switched off" in the_post(tenant).error


def test_a_rotated_secret_signs_what_waits(tenant: Tenant, receiver: Receiver) -> None:
    channel, old = webhook(tenant, receiver.url())
    happen(tenant)
    with factories.in_tenant(tenant):
        new = rotate_secret(channel=channel, by=BY)
    send_due(tenant_id=tenant.pk)
    (got,) = receiver.got
    assert verified(new, got.headers, got.body)
    assert not verified(old, got.headers, got.body)


def test_neither_address_nor_secret_is_in_the_journal_or_plain_in_the_table(
    tenant: Tenant, receiver: Receiver
) -> None:
    channel, secret = webhook(tenant, receiver.url(path="/T000/B000/token-of-the-address"))
    with factories.in_tenant(tenant):
        change_channel(
            channel=channel, by=BY, name="New", kinds=["assigned"], address=receiver.url(path="/other-token")
        )
        send_test(channel=channel, by=BY)
        rotated = rotate_secret(channel=channel, by=BY)
        written = json.dumps(list(JournalEntry.objects.values_list("action", "details")), default=str)
        with connection.cursor() as cursor:
            cursor.execute("SELECT notify_channel::text FROM notify_channel")
            row = cursor.fetchone()[0]
    for private in (secret, rotated, "token-of-the-address", "other-token"):
        assert private not in written
        assert private not in row
    for action in ("channel.added", "channel.changed", "channel.tested", "channel.secret_rotated"):
        assert action in written


def test_a_test_goes_the_way_of_all_posts(tenant: Tenant, receiver: Receiver) -> None:
    channel, secret = webhook(tenant, receiver.url(), kinds=["assigned"])
    with factories.in_tenant(tenant):
        send_test(channel=channel, by=BY)
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    assert receiver.got[0].headers["Surety-Event"] == "test"
    assert verified(secret, receiver.got[0].headers, receiver.got[0].body)


def test_a_deleted_channel_takes_its_posts_along(tenant: Tenant, receiver: Receiver) -> None:
    channel, _ = webhook(tenant, receiver.url())
    happen(tenant)
    with factories.in_tenant(tenant):
        delete_channel(channel=channel, by=BY)
        assert not Post.objects.exists()
        assert JournalEntry.objects.filter(action="channel.deleted").count() == 1
    assert send_due(tenant_id=tenant.pk) == (0, 0)


BAD: list[dict[str, Any]] = [
    {"name": ""},
    {"name": "a\nb" * 100},
    {"kind": "pager"},
    {"kinds": []},
    {"kinds": ["nonsense"]},
    {"address": "https://127.0.0.1/"},
    {"address": ""},
]


@pytest.mark.parametrize("given", BAD, ids=[repr(given)[:24] for given in BAD])
def test_what_cannot_be_a_channel(tenant: Tenant, given: dict[str, Any]) -> None:
    values = {
        "name": "Tickets", "kind": "webhook", "address": "https://hooks.example.com/", "kinds": ["assigned"],
        **given,
    }  # fmt: skip
    with factories.in_tenant(tenant), pytest.raises(InvalidInput):
        add_channel(tenant=tenant, by=BY, **values)
    with factories.in_tenant(tenant):
        assert not Channel.objects.exists()


def test_names_are_told_apart(tenant: Tenant) -> None:
    webhook(tenant, "https://hooks.example.com/")
    with pytest.raises(Conflict, match="of that name"):
        webhook(tenant, "https://hooks.example.com/")


# Several workers, and what becomes of it when one dies: real transactions, real processes.


@pytest.mark.django_db(transaction=True)
def test_two_workers_post_nothing_twice(receiver: Receiver) -> None:
    tenant = factories.tenant()
    webhook(tenant, receiver.url(), name="A")
    webhook(tenant, receiver.url(), name="B")
    for number in range(15):
        happen(tenant, key=str(number))
    start = threading.Barrier(4)
    delivered: list[int] = []

    def work() -> None:
        try:
            start.wait(10)
            delivered.append(send_due(tenant_id=tenant.pk)[1])
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    ids = [got.headers["Surety-Delivery"] for got in receiver.got]
    assert (len(ids), len(set(ids)), sum(delivered)) == (30, 30, 30)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_it_is_posted(receiver: Receiver) -> None:
    tenant = factories.tenant()
    webhook(tenant, receiver.url())
    happen(tenant)
    receiver.hold.clear()
    worker = threading.Thread(target=_send_and_close, args=[tenant.pk])
    worker.start()
    assert receiver.arrived.wait(10)
    # The claim is committed, so others see it; and the row can be locked.
    with factories.in_tenant(tenant):
        post = Post.objects.select_for_update(nowait=True).get()
        assert (post.attempts, post.state) == (1, "waiting")
        assert post.due_at > timezone.now() + LEASE - timedelta(seconds=20)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    receiver.hold.set()
    worker.join(20)
    assert the_post(tenant).state == "delivered"
    assert len(receiver.got) == 1


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_leaves_it_until_the_lease_ends(receiver: Receiver) -> None:
    tenant = factories.tenant()
    webhook(tenant, receiver.url())
    happen(tenant)
    receiver.hold.clear()
    connections.close_all()
    child = multiprocessing.get_context("fork").Process(target=_send_and_close, args=[tenant.pk])
    child.start()
    assert receiver.arrived.wait(20)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join(10)
    receiver.hold.set()
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert (the_post(tenant).state, the_post(tenant).attempts) == ("waiting", 1)
    come_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    first, second = receiver.got
    assert first.headers["Surety-Delivery"] == second.headers["Surety-Delivery"]


def _send_and_close(tenant_id: UUID) -> None:
    try:
        send_due(tenant_id=tenant_id)
    finally:
        connections.close_all()


def test_one_that_kills_each_worker_is_given_up(tenant: Tenant, receiver: Receiver) -> None:
    webhook(tenant, receiver.url())
    happen(tenant)
    for _ in range(POST_TRIES):
        with factories.in_tenant(tenant):
            assert claim_post(tenant.pk) is not None
        come_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert (the_post(tenant).state, the_post(tenant).error) == ("dead", DIED)
    assert receiver.got == []


def test_who_comes_back_too_late_writes_nothing(tenant: Tenant, receiver: Receiver) -> None:
    webhook(tenant, receiver.url())
    happen(tenant)
    with factories.in_tenant(tenant):
        late = claim_post(tenant.pk)
        assert late is not None
        Post.objects.update(attempts=F("attempts") + 1)  # another worker has it now
        assert not record_post(late, state="delivered")
        assert Post.objects.get().state == "waiting"


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_told(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(
        "assessments.actions.dispatch._send", lambda task, arguments: sent.append((task, arguments))
    )
    tenant = factories.tenant()
    webhook(tenant, receiver.url())
    sent.clear()
    with transaction.atomic():
        happen(tenant)
        transaction.set_rollback(True)
    assert sent == []
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    happen(tenant)
    assert sent == [("portal.notify.tasks.send", [str(tenant.pk)])]
    sent.clear()
    tick()  # the message was lost with the broker
    assert sent == [("portal.notify.tasks.send", [str(tenant.pk)])]
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    sent.clear()
    tick()
    assert sent == []


def test_tenants_are_apart(tenant: Tenant, receiver: Receiver) -> None:
    other = factories.tenant()
    webhook(tenant, receiver.url())
    happen(tenant)
    assert happen(other) == 0
    assert send_due(tenant_id=other.pk) == (0, 0)
    assert receiver.got == []


def test_what_speaks_to_one_person_is_put_otherwise_for_all(tenant: Tenant, receiver: Receiver) -> None:
    webhook(tenant, receiver.url())
    happen(
        tenant, kind="assigned", title="3 findings are yours now", path="/my/",
        title_to_all="3 findings were given to Mira", path_to_all=f"/t/{tenant.slug}/findings/?owner=1",
    )  # fmt: skip
    send_due(tenant_id=tenant.pk)
    said = json.loads(receiver.got[0].body)
    assert said["title"] == "3 findings were given to Mira"
    assert said["url"].endswith(f"/t/{tenant.slug}/findings/?owner=1")
    with pytest.raises(ValueError, match="no path"):
        happen(tenant, key="2", path_to_all="//evil.example/")


@pytest.mark.parametrize("kind", Channel.Kind.values)
def test_a_new_key_seals_channels_again(
    tenant: Tenant, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A Teams or Slack channel has no secret, which is nothing to seal."""
    old, new = new_key(), new_key()
    monkeypatch.setenv("SURETY_KEYS", old)
    webhook(tenant, receiver.url(), kind=kind)
    monkeypatch.setenv("SURETY_KEYS", f"{new},{old}")
    call_command("rotate_keys", stdout=StringIO())
    monkeypatch.setenv("SURETY_KEYS", new)
    happen(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 1)
