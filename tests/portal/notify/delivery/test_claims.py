"""Several workers claim mails and posts at the same time, and some die. Transactions and processes are real."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.db import connections, transaction
from django.db.models import F
from django.utils import timezone

from portal.notify.attempts import LEASE, WORKER_DIED
from portal.notify.delivery import send_due
from portal.notify.delivery.claims import MAX_POST_ATTEMPTS, claim_post, record_post
from portal.notify.models import Notice, Post
from portal.notify.tasks import tick
from tenants.models import Tenant
from tenants.roles import Role
from tests import factories
from tests.concurrency import run_concurrently
from tests.portal.notify.outbox import add_channel, make_posts_due, only_post, publish_event
from tests.portal.notify.receivers import Receiver

pytestmark = pytest.mark.django_db


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_post_nothing_twice(receiver: Receiver) -> None:
    tenant = factories.tenant()
    add_channel(tenant, receiver.url(), name="A")
    add_channel(tenant, receiver.url(), name="B")
    for number in range(15):
        publish_event(tenant, key=str(number))
    rounds = run_concurrently(*[partial(send_due, tenant_id=tenant.pk)] * 4)
    ids = [got.headers["Surety-Delivery"] for got in receiver.received]
    assert (len(ids), len(set(ids)), sum(done[1] for done in rounds)) == (30, 30, 30)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_during_a_post(receiver: Receiver) -> None:
    tenant = factories.tenant()
    add_channel(tenant, receiver.url())
    publish_event(tenant)
    receiver.may_answer.clear()
    worker = threading.Thread(target=_send_and_close, args=[tenant.pk])
    worker.start()
    assert receiver.arrived.wait(10)
    # The claim is already committed, and no open transaction locks the row.
    with factories.in_tenant(tenant):
        post = Post.objects.select_for_update(nowait=True).get()
        assert (post.attempts, post.state) == (1, "waiting")
        assert post.due_at > timezone.now() + LEASE - timedelta(seconds=20)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    receiver.may_answer.set()
    worker.join(20)
    assert only_post(tenant).state == "delivered"
    assert len(receiver.received) == 1


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.django_db(transaction=True)
def test_a_killed_workers_post_is_retried_when_its_lease_ends(receiver: Receiver) -> None:
    tenant = factories.tenant()
    add_channel(tenant, receiver.url())
    publish_event(tenant)
    receiver.may_answer.clear()
    connections.close_all()
    child = multiprocessing.get_context("fork").Process(target=_send_and_close, args=[tenant.pk])
    child.start()
    assert receiver.arrived.wait(20)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join(10)
    receiver.may_answer.set()
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert (only_post(tenant).state, only_post(tenant).attempts) == ("waiting", 1)
    make_posts_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    first, second = receiver.received
    assert first.headers["Surety-Delivery"] == second.headers["Surety-Delivery"]


def _send_and_close(tenant_id: UUID) -> None:
    try:
        send_due(tenant_id=tenant_id)
    finally:
        connections.close_all()


def test_a_post_that_kills_every_worker_fails(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    publish_event(tenant)
    for _ in range(MAX_POST_ATTEMPTS):
        with factories.in_tenant(tenant):
            assert claim_post(tenant.pk) is not None
        make_posts_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert (only_post(tenant).state, only_post(tenant).error) == ("dead", WORKER_DIED)
    assert receiver.received == []


def test_a_worker_with_an_expired_claim_records_nothing(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    publish_event(tenant)
    with factories.in_tenant(tenant):
        late = claim_post(tenant.pk)
        assert late is not None
        Post.objects.update(attempts=F("attempts") + 1)  # Another worker has claimed the post.
        assert not record_post(late, state="delivered")
        assert Post.objects.get().state == "waiting"


@pytest.mark.django_db(transaction=True)
def test_rolled_back_events_are_not_sent(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, list[str]]] = []
    monkeypatch.setattr("tenants.dispatch._send", lambda task, arguments: sent.append((task, arguments)))
    tenant = factories.tenant()
    add_channel(tenant, receiver.url())
    sent.clear()
    with transaction.atomic():
        publish_event(tenant)
        transaction.set_rollback(True)
    assert sent == []
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    publish_event(tenant)
    assert sent == [("portal.notify.tasks.send", [str(tenant.pk)])]
    sent.clear()
    tick()  # The broker may have lost the message, so the tick sends it again.
    assert sent == [("portal.notify.tasks.send", [str(tenant.pk)])]
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    sent.clear()
    tick()
    assert sent == []


@pytest.mark.django_db(transaction=True)
def test_an_event_published_concurrently_is_stored_once() -> None:
    """If the broker delivers a task twice, several workers publish the same event at the same time."""
    tenant = factories.tenant()
    add_channel(tenant, "https://hooks.example.com/")
    people = [factories.member(Role.AUDITOR, tenant) for _ in range(3)]
    new = run_concurrently(*[partial(publish_event, tenant, *people)] * 4)
    assert sum(new) == 4
    with factories.in_tenant(tenant):
        assert (Notice.objects.count(), Post.objects.count()) == (3, 1)
