"""Uploading, reading and deleting imported scans with the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assessments.models import ScanImport
from portal.retention.actions.holds import place_hold
from tests import factories
from tests.assessments.scan_files import examples
from tests.portal.api.addresses import items
from tests.portal.api.conftest import Api
from tests.portal.web.world import World


def address(world: World, *parts: object) -> str:
    return "/".join([f"/api/v1/customers/{world.home.slug}/scan-imports", *map(str, parts)])


def upload(client: Client, world: World, content: bytes = examples.NESSUS, **values: Any) -> Any:
    file = SimpleUploadedFile("weekly.nessus", content)
    return client.post(address(world), {"file": file, **values})


def test_a_file_is_uploaded_and_its_machines_are_read(world: World, api: Api) -> None:
    client = api("organization_engineer")
    answer = upload(client, world)
    assert answer.status_code == 201, answer.content
    assert client.get(answer.headers["Location"]).headers["ETag"] == answer.headers["ETag"]
    made = answer.json()
    assert (made["scanner"], made["origin"], made["machines"], made["unmatched"]) == ("nessus", "api", 2, 2)
    assert made["counts"] == {"critical": 1, "medium": 1, "info": 1}
    assert made["imported_by"]["email"] == world.people["organization_engineer"].email
    assert answer.headers["Location"] == address(world, made["id"])
    assert client.get(answer.headers["Location"]).json() == made
    entries = items(client, address(world, made["id"], "entries") + "?limit=1")
    assert {one["host"] for one in entries} == {"web1.contoso.example", "10.0.0.5"}
    assert all(one["reason"].startswith("No machine has the address") for one in entries)
    assert len(items(client, address(world, made["id"], "entries") + "?match=unmatched")) == 2
    assert items(client, address(world, made["id"], "entries") + "?match=matched") == []


def test_the_same_file_again_is_a_conflict(world: World, api: Api) -> None:
    client = api("organization_engineer")
    assert upload(client, world).status_code == 201
    again = upload(client, world)
    assert (again.status_code, again.json()["code"]) == (409, "already_imported")


@pytest.mark.parametrize(
    ("content", "values", "status", "code", "field"),
    [
        (examples.NESSUS[:300], {}, 400, "scan_file_unusable", "file"),
        (b"<!DOCTYPE r [<!ENTITY e 'x'>]><NessusClientData_v2/>", {}, 400, "scan_file_unusable", "file"),
        (examples.IP360, {}, 400, "scan_time_missing", "scanned_at"),
        (examples.IP360, {"scanned_at": "yesterday"}, 400, "invalid_input", "scanned_at"),
        (examples.NESSUS, {"note": "x"}, 400, "invalid_input", "note"),
    ],
)
def test_refused_uploads_store_nothing(
    world: World, api: Api, content: bytes, values: dict[str, str], status: int, code: str, field: str
) -> None:
    answer = upload(api("organization_engineer"), world, content, **values)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    with factories.in_tenant(world.home):
        assert ScanImport.objects.count() == 1


def test_a_stated_time_of_the_scan(world: World, api: Api) -> None:
    answer = upload(
        api("organization_engineer"), world, examples.IP360, scanned_at="2026-11-20T22:00:00+01:00"
    )
    assert answer.json()["scanned_at"] == "2026-11-20T21:00:00Z"


def test_other_bodies_are_refused(world: World, api: Api) -> None:
    client = api("organization_engineer")
    assert client.post(address(world), {"file": "x"}, content_type="application/json").status_code == 415
    assert client.post(address(world), {"scanned_at": "2026-11-20T22:00:00Z"}).status_code == 400


def test_deleting_needs_a_reason(world: World, api: Api) -> None:
    client, own = api("organization_engineer"), world.of(world.home)["scan_import"].pk
    path = address(world, own, "delete")
    assert client.post(path, {"reason": " "}, content_type="application/json").status_code == 400
    assert client.post(path, {"reason": "Wrong customer"}, content_type="application/json").status_code == 204
    assert client.get(address(world, own)).status_code == 404


def test_an_import_stays_while_the_customer_is_on_hold(world: World, api: Api) -> None:
    client, own = api("organization_engineer"), world.of(world.home)["scan_import"].pk
    with factories.in_tenant(world.home):
        place_hold(tenant=world.home, by=world.people["organization_administrator"], reason="Litigation 4711")
    answer = client.post(
        address(world, own, "delete"), {"reason": "Wrong customer"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "on_hold")
    assert client.get(address(world, own)).status_code == 200


@pytest.mark.parametrize(("role", "status"), [("auditor", 403), ("approver", 403), ("owner", 403)])
def test_only_people_who_may_attest_and_see_everything_import(
    world: World, api: Api, role: str, status: int
) -> None:
    client, own = api(role), world.of(world.home)["scan_import"].pk
    assert upload(client, world).status_code == status
    answer = client.post(address(world, own, "delete"), {"reason": "x"}, content_type="application/json")
    assert answer.status_code == status


def test_a_token_without_the_right_does_not_import(world: World, api: Api) -> None:
    assert upload(api("organization_engineer", capabilities=["view", "view_all"]), world).status_code == 403
    assert upload(api("organization_engineer", capabilities=["view", "attest"]), world).status_code == 403


def test_another_customer_is_not_found(world: World, api: Api) -> None:
    client, foreign = api("organization_engineer"), world.of(world.foreign)["scan_import"].pk
    for slug in (world.home.slug, world.foreign.slug):
        base = f"/api/v1/customers/{slug}/scan-imports"
        for path in (f"{base}/{foreign}", f"{base}/{foreign}/entries"):
            assert client.get(path).status_code == 404
        answer = client.post(f"{base}/{foreign}/delete", {"reason": "x"}, content_type="application/json")
        assert answer.status_code == 404
    file = SimpleUploadedFile("weekly.nessus", examples.NESSUS)
    base = f"/api/v1/customers/{world.foreign.slug}/scan-imports"
    assert client.post(base, {"file": file}).status_code == 404
    assert client.get(base).status_code == 404
