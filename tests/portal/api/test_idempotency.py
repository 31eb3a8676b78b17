"""Requests with the header Idempotency-Key create something only once, however often they are sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.accounts.models import ApiToken, IdempotencyKey
from portal.accounts.tasks import delete_idempotency_keys
from portal.treatment.models import FindingException
from tenants.locks import Lock
from tenants.people.link_tokens import hash_token
from tenants.scope import person_scope
from tests import factories
from tests.concurrency import held_elsewhere
from tests.for_each import for_each
from tests.portal.api.conftest import Api
from tests.portal.web.world import World

KEY = "5d1c3f0e-an-order"


def post(world: World, client: Client, path: str, body: Any, key: str = KEY) -> Any:
    address = f"/api/v1/customers/{world.home.slug}/{path}"
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(address, body, content_type="application/json", headers=headers)


def body_of(world: World, **more: Any) -> dict[str, Any]:
    return {
        "findings": [str(world.of(world.home)["owned"].pk)],
        "reason": "Needed by the public site.",
        "ends_at": (timezone.now() + timedelta(days=30)).replace(microsecond=0).isoformat(),
    } | more


def number_of_exceptions(world: World) -> int:
    with factories.in_tenant(world.home):
        return FindingException.objects.count()


def test_repeated_request_gets_what_the_first_one_created(world: World, api: Api) -> None:
    client, body, before = api(), body_of(world), number_of_exceptions(world)
    first = post(world, client, "exceptions", body)
    again = post(world, client, "exceptions", body)
    assert (first.status_code, again.status_code) == (201, 201), first.content
    assert again.json() == first.json()
    assert [again.headers[name] for name in ("Location", "ETag")] == [
        first.headers[name] for name in ("Location", "ETag")
    ]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert number_of_exceptions(world) == before + 1
    # Only hashes of keys are stored.
    with factories.in_tenant(world.home), connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM accounts_idempotencykey k")
        (stored,) = (row for (row,) in cursor.fetchall())
    assert KEY not in stored
    assert "public site" not in stored


def test_key_with_another_body_is_refused(world: World, api: Api) -> None:
    client = api()
    post(world, client, "exceptions", body_of(world))
    before = number_of_exceptions(world)
    refused = post(world, client, "exceptions", body_of(world, reason="Something else entirely."))
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert number_of_exceptions(world) == before


def test_key_counts_for_one_token_and_operation(world: World, api: Api) -> None:
    client, body, before = api(), body_of(world), number_of_exceptions(world)
    post(world, client, "exceptions", body)
    assert "Idempotency-Replayed" not in post(world, api(), "exceptions", body).headers
    assert "Idempotency-Replayed" not in post(world, client, "reports", {}).headers
    assert number_of_exceptions(world) == before + 2


def test_assessments_and_reports_are_started_once(world: World, api: Api) -> None:
    client = api()
    for path in ("assessments", "reports"):
        first, again = post(world, client, path, {}), post(world, client, path, {})
        assert (first.status_code, again.status_code) == (202, 202), (path, again.content)
        assert again.headers["Location"] == first.headers["Location"]
    assert post(world, client, "assessments", {}, key="").status_code == 409
    assert post(world, client, "assessments", {}, key="another").status_code == 409


def test_refused_request_does_not_use_up_its_key(world: World, api: Api) -> None:
    client = api()
    assert post(world, client, "exceptions", body_of(world, reason="Short")).status_code == 400
    assert post(world, client, "exceptions", body_of(world)).status_code == 201


@pytest.mark.slow(seconds=1)
def test_keys_count_for_a_day_and_are_deleted_then(world: World, api: Api) -> None:
    client, body, before = api(), body_of(world), number_of_exceptions(world)
    post(world, client, "exceptions", body)
    post(world, client, "exceptions", body, key="younger")
    with factories.in_tenant(world.home):
        old = IdempotencyKey.objects.order_by("pk")[0]
        IdempotencyKey.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
    post(world, client, "exceptions", body)
    assert number_of_exceptions(world) == before + 3
    with factories.in_tenant(world.home):
        IdempotencyKey.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
    delete_idempotency_keys()
    with factories.in_tenant(world.home):
        (left,) = IdempotencyKey.objects.all()
    assert left.pk != old.pk


def test_second_request_does_not_wait_for_the_first(world: World, api: Api) -> None:
    client = api()
    with person_scope(world.people["organization_engineer"]):
        token = ApiToken.objects.latest("created_at")
    name = f"{world.home.pk}:{token.pk}:request_exception:{hash_token(KEY)}"
    with held_elsewhere(Lock.IDEMPOTENCY_KEY, name):
        refused = post(world, client, "exceptions", body_of(world))
    assert (refused.status_code, refused.json()["code"]) == (409, "request_in_progress")
    assert post(world, client, "exceptions", body_of(world)).status_code == 201


@for_each("key", ["\x7f", "a" * 256])
def test_invalid_keys_are_refused(world: World, api: Api, key: str) -> None:
    refused = post(world, api(), "exceptions", body_of(world), key)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"
