"""Posts to channels with a real receiver: signatures, retries and failures."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from portal.notify.actions.deliveries import drop_post, retry_post
from portal.notify.delivery import send_due
from portal.notify.delivery.claims import MAX_POST_ATTEMPTS
from portal.notify.errors import WrongState
from portal.notify.models import Post
from tenants.models import Tenant
from tests import factories
from tests.factories import BY
from tests.portal.notify.outbox import add_channel, make_posts_due, only_post, publish_event
from tests.portal.notify.receivers import Receiver, is_standard, signature_is_valid

pytestmark = pytest.mark.django_db


def test_a_webhook_is_signed_and_describes_the_event(tenant: Tenant, receiver: Receiver) -> None:
    _, secret = add_channel(tenant, receiver.url())
    publish_event(tenant, data={"exception": 12})
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    (got,) = receiver.received
    assert signature_is_valid(secret, got.headers, got.body)
    assert not signature_is_valid(secret + "x", got.headers, got.body)
    assert not signature_is_valid(secret, got.headers, got.body + b" ")
    assert got.headers["Surety-Event"] == "exception_decided"
    assert got.headers["Content-Type"] == "application/json; charset=utf-8"
    content = json.loads(got.body)
    post = only_post(tenant)
    assert got.headers["Surety-Delivery"] == str(post.pk) == content["id"]
    assert content["tenant"] == {"id": str(tenant.pk), "slug": tenant.slug, "name": tenant.name}
    assert content["title"] == "Exception 12 was approved"
    assert content["url"] == f"http://127.0.0.1:8000/t/{tenant.slug}/exceptions/"
    assert content["data"] == {"exception": 12}
    assert (post.state, post.status, post.attempts, post.error) == ("delivered", 204, 1, "")
    assert post.delivered_at is not None


def test_posts_follow_standard_webhooks(tenant: Tenant, receiver: Receiver) -> None:
    """A receiver can verify each attempt with the library of Standard Webhooks. An event has one id in all channels."""
    _, secret = add_channel(tenant, receiver.url())
    _, other = add_channel(tenant, receiver.url(), name="SIEM")
    receiver.answers = [(503, {}), (204, {})]
    publish_event(tenant, data={"exception": 12})
    send_due(tenant_id=tenant.pk)
    make_posts_due(tenant)
    send_due(tenant_id=tenant.pk)
    bodies = []
    for got in receiver.received:
        assert is_standard(secret, got.headers, got.body) != is_standard(other, got.headers, got.body)
        bodies.append(Webhook(secret if is_standard(secret, got.headers, got.body) else other).verify(
            got.body, got.headers
        ))  # fmt: skip
    assert len(bodies) == 3
    assert len({got.headers["Surety-Delivery"] for got in receiver.received}) == 2
    (event_id,) = {got.headers["webhook-id"] for got in receiver.received}
    for body in bodies:
        assert (body["event_id"], body["type"], body["event"]) == (event_id, *2 * ["exception_decided"])
        assert body["timestamp"] == body["at"]
        assert body["data"] == {"exception": 12}


def test_a_delivered_event_is_not_posted_again(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    assert publish_event(tenant) == 1
    assert publish_event(tenant) == 0
    assert [send_due(tenant_id=tenant.pk) for _ in range(3)] == [(0, 1), (0, 0), (0, 0)]
    assert len(receiver.received) == 1


def test_a_channel_gets_only_its_kinds_of_event(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url(), kinds=["assigned"])
    assert publish_event(tenant) == 0
    assert publish_event(tenant, kind="assigned") == 1


def test_a_retry_has_the_same_delivery_id_and_a_new_signature(tenant: Tenant, receiver: Receiver) -> None:
    _, secret = add_channel(tenant, receiver.url())
    receiver.answers = [(500, {}), (204, {})]
    publish_event(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    post = only_post(tenant)
    assert (post.state, post.status, post.attempts) == ("waiting", 500, 1)
    assert post.error == "The receiver answered 500."
    assert timedelta(seconds=20) < post.due_at - timezone.now() < timedelta(seconds=40)
    assert send_due(tenant_id=tenant.pk) == (0, 0)  # not due yet
    make_posts_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    first, second = receiver.received
    assert first.headers["Surety-Delivery"] == second.headers["Surety-Delivery"]
    assert first.body == second.body
    assert signature_is_valid(secret, second.headers, second.body)


def test_retry_after_is_respected(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    receiver.answer(429, Retry_After="1200")
    publish_event(tenant)
    send_due(tenant_id=tenant.pk)
    wait = only_post(tenant).due_at - timezone.now()
    assert timedelta(seconds=1190) < wait <= timedelta(seconds=1200)


def test_retry_after_is_limited_to_an_hour(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    receiver.answer(429, Retry_After="86400")
    publish_event(tenant)
    send_due(tenant_id=tenant.pk)
    post = only_post(tenant)
    assert (post.state, post.status, post.error) == ("waiting", 429, "The receiver answered 429.")
    assert timedelta(seconds=3590) < post.due_at - timezone.now() <= timedelta(seconds=3600)


def test_a_host_is_checked_again_before_each_attempt(
    tenant: Tenant, settings: Any, resolver: Callable[..., list[str]]
) -> None:
    """The host is permitted at the first attempt; at the second attempt, it resolves to a metadata service."""
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["hooks.example.com"]
    add_channel(tenant, "http://hooks.example.com:9/x")
    resolver("hooks.example.com", "127.0.0.1", "169.254.169.254")
    publish_event(tenant)
    send_due(tenant_id=tenant.pk)
    assert only_post(tenant).state == "waiting"
    make_posts_due(tenant)
    send_due(tenant_id=tenant.pk)
    post = only_post(tenant)
    assert (post.state, post.attempts) == ("dead", 2)
    assert "gives out credentials" in post.error


def test_receivers_can_reject_replayed_posts(tenant: Tenant, receiver: Receiver) -> None:
    """Receivers that follow docs/webhooks.md reject an old timestamp, and also a new timestamp with the old
    signature."""
    _, secret = add_channel(tenant, receiver.url())
    publish_event(tenant)
    send_due(tenant_id=tenant.pk)
    (got,) = receiver.received
    sent = int(got.headers["Surety-Timestamp"])
    assert signature_is_valid(secret, got.headers, got.body, now=sent + 299)
    assert not signature_is_valid(secret, got.headers, got.body, now=sent + 301)
    fresh = {**got.headers, "Surety-Timestamp": str(sent + 301)}
    assert not signature_is_valid(secret, fresh, got.body, now=sent + 301)


@pytest.mark.slow(seconds=1)
def test_a_post_fails_after_the_last_attempt_and_can_be_retried(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    receiver.answer(503)
    publish_event(tenant)
    for number in range(1, MAX_POST_ATTEMPTS + 1):
        assert only_post(tenant).state == "waiting"
        make_posts_due(tenant)
        send_due(tenant_id=tenant.pk)
        assert only_post(tenant).attempts == number
    dead = only_post(tenant)
    assert (dead.state, dead.error) == ("dead", "The receiver answered 503.")
    assert len(receiver.received) == MAX_POST_ATTEMPTS
    make_posts_due(tenant)
    send_due(tenant_id=tenant.pk)
    assert len(receiver.received) == MAX_POST_ATTEMPTS
    receiver.answer(200)
    with factories.in_tenant(tenant):
        retry_post(post=dead, by=BY)
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    assert receiver.received[0].headers["Surety-Delivery"] == receiver.received[-1].headers["Surety-Delivery"]
    with factories.in_tenant(tenant), pytest.raises(WrongState):
        drop_post(post=dead, by=BY)


def test_a_discarded_post_is_not_posted_again(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    publish_event(tenant)
    with factories.in_tenant(tenant):
        Post.objects.update(state="dead")
        drop_post(post=Post.objects.get(), by=BY)
    assert publish_event(tenant) == 0
    send_due(tenant_id=tenant.pk)
    assert receiver.received == []


def test_redirects_to_internal_addresses_are_not_followed(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    receiver.answer(302, Location="http://169.254.169.254/latest/meta-data/")
    publish_event(tenant)
    send_due(tenant_id=tenant.pk)
    assert "Surety does not follow redirects" in only_post(tenant).error


def test_a_post_to_an_internal_address_fails_without_retries(
    tenant: Tenant, settings: Any, resolver: Callable[..., list[str]]
) -> None:
    add_channel(tenant, "https://hooks.example.com/x")
    resolver("hooks.example.com", "10.0.0.8")
    publish_event(tenant)
    send_due(tenant_id=tenant.pk)
    post = only_post(tenant)
    assert (post.state, post.status, post.attempts) == ("dead", 0, 1)
    assert "which is not public" in post.error


def test_a_failing_channel_does_not_delay_others(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, "http://127.0.0.1:9/closed", name="A broken one")
    add_channel(tenant, receiver.url(), name="B")
    for number in range(3):
        publish_event(tenant, key=str(number))
    assert send_due(tenant_id=tenant.pk) == (0, 3)
    with factories.in_tenant(tenant):
        tried = Post.objects.filter(channel__name="A broken one", attempts__gt=0).count()
    assert tried == 1


def test_a_channel_gets_only_events_of_its_tenant(tenant: Tenant, receiver: Receiver) -> None:
    other = factories.tenant()
    add_channel(tenant, receiver.url())
    publish_event(tenant)
    assert publish_event(other) == 0
    assert send_due(tenant_id=other.pk) == (0, 0)
    assert receiver.received == []


def test_channels_get_the_title_and_path_for_everybody(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    publish_event(
        tenant, kind="assigned", title="3 findings are yours now", path="/my/",
        title_to_all="3 findings were given to Mira", path_to_all=f"/t/{tenant.slug}/findings/?owner=1",
    )  # fmt: skip
    send_due(tenant_id=tenant.pk)
    content = json.loads(receiver.received[0].body)
    assert content["title"] == "3 findings were given to Mira"
    assert content["url"].endswith(f"/t/{tenant.slug}/findings/?owner=1")
    with pytest.raises(ValueError, match="not a path"):
        publish_event(tenant, key="2", path_to_all="//evil.example/")
