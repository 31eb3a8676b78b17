"""Posts to channels against real receivers: signed, tried again, given up."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.notify.actions.deliveries import drop_post, retry_post
from portal.notify.delivery import send_due
from portal.notify.delivery.claims import MAX_POST_ATTEMPTS, retry_time
from portal.notify.errors import WrongState
from portal.notify.models import Post
from tenants.models import Tenant
from tests import factories
from tests.factories import BY
from tests.portal.notify.outbox import add_channel, make_posts_due, only_post, publish_event
from tests.portal.notify.receivers import Receiver, signature_is_valid

pytestmark = pytest.mark.django_db


def test_a_webhook_is_signed_and_says_what_happened(tenant: Tenant, receiver: Receiver) -> None:
    _, secret = add_channel(tenant, receiver.url())
    publish_event(tenant, data={"exception": 12})
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    (got,) = receiver.received
    assert signature_is_valid(secret, got.headers, got.body)
    assert not signature_is_valid(secret + "x", got.headers, got.body)
    assert not signature_is_valid(secret, got.headers, got.body + b" ")
    assert got.headers["Surety-Event"] == "exception_decided"
    assert got.headers["Content-Type"] == "application/json; charset=utf-8"
    said = json.loads(got.body)
    post = only_post(tenant)
    assert got.headers["Surety-Delivery"] == str(post.pk) == said["id"]
    assert said["tenant"] == {"id": str(tenant.pk), "slug": tenant.slug, "name": tenant.name}
    assert said["title"] == "Exception 12 was approved"
    assert said["url"] == f"http://127.0.0.1:8000/t/{tenant.slug}/exceptions/"
    assert said["data"] == {"exception": 12}
    assert (post.state, post.status, post.attempts, post.error) == ("delivered", 204, 1, "")
    assert post.delivered_at is not None


def test_delivered_is_not_posted_again(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    assert publish_event(tenant) == 1
    assert publish_event(tenant) == 0
    assert [send_due(tenant_id=tenant.pk) for _ in range(3)] == [(0, 1), (0, 0), (0, 0)]
    assert len(receiver.received) == 1


def test_only_the_kinds_that_a_channel_wants(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url(), kinds=["assigned"])
    assert publish_event(tenant) == 0
    assert publish_event(tenant, kind="assigned") == 1


def test_it_is_tried_again_with_the_same_delivery_and_a_new_signature(
    tenant: Tenant, receiver: Receiver
) -> None:
    _, secret = add_channel(tenant, receiver.url())
    receiver.answers = [(500, {}), (204, {})]
    publish_event(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    post = only_post(tenant)
    assert (post.state, post.status, post.attempts) == ("waiting", 500, 1)
    assert post.error == "The receiver answered 500."
    assert timedelta(seconds=20) < post.due_at - timezone.now() < timedelta(seconds=40)
    assert send_due(tenant_id=tenant.pk) == (0, 0)  # not before its time
    make_posts_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    first, second = receiver.received
    assert first.headers["Surety-Delivery"] == second.headers["Surety-Delivery"]
    assert first.body == second.body
    assert signature_is_valid(secret, second.headers, second.body)


def test_retry_after_is_honoured(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    receiver.answer(429, Retry_After="1200")
    publish_event(tenant)
    send_due(tenant_id=tenant.pk)
    wait = only_post(tenant).due_at - timezone.now()
    assert timedelta(seconds=1190) < wait <= timedelta(seconds=1200)


def test_a_receiver_that_asks_for_long_is_not_left_for_longer_than_an_hour(
    tenant: Tenant, receiver: Receiver
) -> None:
    add_channel(tenant, receiver.url())
    receiver.answer(429, Retry_After="86400")
    publish_event(tenant)
    send_due(tenant_id=tenant.pk)
    post = only_post(tenant)
    assert (post.state, post.status, post.error) == ("waiting", 429, "The receiver answered 429.")
    assert timedelta(seconds=3590) < post.due_at - timezone.now() <= timedelta(seconds=3600)


def test_a_name_that_changes_its_mind_between_two_tries(
    tenant: Tenant, settings: Any, resolver: Callable[..., list[str]]
) -> None:
    """Public at first (nobody is there), inside at the second try: looked up and checked each time."""
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
    assert "returns credentials" in post.error


def test_an_old_post_cannot_be_played_again(tenant: Tenant, receiver: Receiver) -> None:
    """A receiver that follows docs/webhooks.md refuses it after five minutes, and with another timestamp."""
    _, secret = add_channel(tenant, receiver.url())
    publish_event(tenant)
    send_due(tenant_id=tenant.pk)
    (got,) = receiver.received
    sent = int(got.headers["Surety-Timestamp"])
    assert signature_is_valid(secret, got.headers, got.body, now=sent + 299)
    assert not signature_is_valid(secret, got.headers, got.body, now=sent + 301)
    fresh = {**got.headers, "Surety-Timestamp": str(sent + 301)}
    assert not signature_is_valid(secret, fresh, got.body, now=sent + 301)


def test_the_pauses_double_up_to_a_limit() -> None:
    for attempts, seconds in [(1, 30), (2, 60), (5, 480), (9, 7680), (10, 14400), (12, 14400)]:
        waits = [
            (retry_time(attempts, first=30, maximum=14400) - timezone.now()).total_seconds()
            for _ in range(30)
        ]
        assert all(0.79 * seconds <= wait <= 1.2 * seconds for wait in waits)
        assert len(set(waits)) > 1


def test_after_the_last_try_it_is_given_up_and_can_be_retried_or_dropped(
    tenant: Tenant, receiver: Receiver
) -> None:
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


def test_a_dropped_one_stays_so_that_it_is_not_posted_anew(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    publish_event(tenant)
    with factories.in_tenant(tenant):
        Post.objects.update(state="dead")
        drop_post(post=Post.objects.get(), by=BY)
    assert publish_event(tenant) == 0
    send_due(tenant_id=tenant.pk)
    assert receiver.received == []


def test_a_redirect_to_the_inside_is_not_followed(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    receiver.answer(302, Location="http://169.254.169.254/latest/meta-data/")
    publish_event(tenant)
    send_due(tenant_id=tenant.pk)
    assert "a redirect, which is not followed" in only_post(tenant).error


def test_a_name_that_leads_inside_is_given_up_at_once(
    tenant: Tenant, settings: Any, resolver: Callable[..., list[str]]
) -> None:
    add_channel(tenant, "https://hooks.example.com/x")
    resolver("hooks.example.com", "10.0.0.8")
    publish_event(tenant)
    send_due(tenant_id=tenant.pk)
    post = only_post(tenant)
    assert (post.state, post.status, post.attempts) == ("dead", 0, 1)
    assert "not a public address" in post.error


def test_a_slow_channel_does_not_hold_up_another(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, "http://127.0.0.1:9/closed", name="A broken one")
    add_channel(tenant, receiver.url(), name="B")
    for number in range(3):
        publish_event(tenant, key=str(number))
    assert send_due(tenant_id=tenant.pk) == (0, 3)
    with factories.in_tenant(tenant):
        tried = Post.objects.filter(channel__name="A broken one", attempts__gt=0).count()
    assert tried == 1


def test_tenants_are_apart(tenant: Tenant, receiver: Receiver) -> None:
    other = factories.tenant()
    add_channel(tenant, receiver.url())
    publish_event(tenant)
    assert publish_event(other) == 0
    assert send_due(tenant_id=other.pk) == (0, 0)
    assert receiver.received == []


def test_what_speaks_to_one_person_is_put_otherwise_for_all(tenant: Tenant, receiver: Receiver) -> None:
    add_channel(tenant, receiver.url())
    publish_event(
        tenant, kind="assigned", title="3 findings are yours now", path="/my/",
        title_to_all="3 findings were given to Mira", path_to_all=f"/t/{tenant.slug}/findings/?owner=1",
    )  # fmt: skip
    send_due(tenant_id=tenant.pk)
    said = json.loads(receiver.received[0].body)
    assert said["title"] == "3 findings were given to Mira"
    assert said["url"].endswith(f"/t/{tenant.slug}/findings/?owner=1")
    with pytest.raises(ValueError, match="not a path"):
        publish_event(tenant, key="2", path_to_all="//evil.example/")
