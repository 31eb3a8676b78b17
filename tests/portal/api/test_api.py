"""The API gives the same facts and rights as the portal's pages. Lists have pages, and errors are described."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator

from assessments.controls.registry import catalogue
from assessments.models import Finding
from portal.api.contract_file import FILE, generated
from portal.api.examples import BODIES
from portal.queries.findings.export import COLUMNS
from portal.treatment.models import Treatment
from tenants.models import JournalEntry
from tests import factories
from tests.portal.api.addresses import address_of, addresses, items
from tests.portal.api.conftest import Api, client_with, token_for
from tests.portal.web.world import World

pytestmark = pytest.mark.slow(seconds=20)

V1 = "/api/v1"


def customer_address(world: World, *parts: object) -> str:
    return "/".join([f"{V1}/customers/{world.home.slug}", *map(str, parts)])


def test_token_describes_itself(world: World, api: Api) -> None:
    person = world.people["auditor"]
    about = api("auditor", capabilities=["view"]).get(f"{V1}/token").json()
    assert (about["email"], about["capabilities"], about["name"]) == (person.email, ["view"], "Test")


def test_findings_are_those_of_the_export_in_pages(world: World, api: Api, sign_in) -> None:
    client = api("auditor")
    exported = sign_in(world.people["auditor"]).get(f"/t/{world.home.slug}/findings/export.json")
    expected = sorted(json.loads(b"".join(exported.streaming_content)), key=lambda one: one["id"])
    listed = items(client, customer_address(world, "findings?limit=7"))
    first = client.get(customer_address(world, "findings?limit=7")).json()
    second = client.get(customer_address(world, f"findings?limit=7&cursor={first['next_cursor']}")).json()
    assert second["items"] == client.get(first["next"]).json()["items"] == listed[7:14]
    assert (client.get(customer_address(world, "findings?limit=500")).json()["next_cursor"]) is None
    assert [one["id"] for one in listed] == [one["id"] for one in expected]
    assert len(listed) > 7
    for mine, theirs in zip(listed, expected, strict=True):
        assert list(mine) == list(COLUMNS)
        assert mine.keys() == theirs.keys()
        same = [key for key in COLUMNS if not str(theirs[key]).startswith("20")]
        assert {key: mine[key] for key in same} == {key: theirs[key] for key in same}
    assert client.get(customer_address(world, "findings", listed[0]["id"])).json() == listed[0]


@pytest.mark.parametrize(
    "query",
    ["verdict=fail", "severity=critical&severity=high&state=open", "q=storage", "owner=nobody", "state=gone"],
)
def test_filters_are_those_of_the_page(world: World, api: Api, sign_in, query: str) -> None:
    exported = sign_in(world.people["auditor"]).get(f"/t/{world.home.slug}/findings/export.json?{query}")
    expected = {one["id"] for one in json.loads(b"".join(exported.streaming_content))}
    assert {
        one["id"] for one in items(api("auditor"), customer_address(world, f"findings?limit=500&{query}"))
    } == expected


def test_subscriptions_owners_and_controls_are_filters_as_on_the_page(
    world: World, api: Api, sign_in
) -> None:
    owned = world.of(world.home)["owned"]
    removed = "storage-removed-control"
    with factories.in_tenant(world.home):
        finding = world.of(world.home)["finding"]
        Finding.objects.filter(pk=finding.pk).update(control=removed)
        owner = Treatment.objects.get(finding=owned).owner
    for query, expected in (
        (f"subscription={owned.unit}&control={owned.control}&owner={owner.pk}", owned),
        (f"control={removed}", finding),
    ):
        found = items(api("auditor"), customer_address(world, f"findings?{query}"))
        assert [one["id"] for one in found] == [str(expected.pk)], query


def test_owner_sees_only_own_findings(world: World, api: Api) -> None:
    client = api("owner")
    own = world.of(world.home)["owned"]
    other = world.of(world.home)["finding"]
    assert [one["id"] for one in items(client, customer_address(world, "findings"))] == [str(own.pk)]
    assert client.get(customer_address(world, "findings", other.pk)).status_code == 404


def test_assessment_is_started_followed_and_cancelled(world: World, api: Api) -> None:
    client = api()
    before = client.get(customer_address(world, "assessments")).json()["items"]
    started = client.post(customer_address(world, "assessments"), content_type="application/json")
    assert started.status_code == 202
    number = started.json()["number"]
    assert number == before[0]["number"] + 1
    assert client.get(started.headers["Location"]).json()["state"] == "queued"
    again = client.post(customer_address(world, "assessments"), content_type="application/json")
    assert (again.status_code, again.json()["status"]) == (409, 409)
    cancelled = client.post(
        customer_address(world, "assessments", number, "cancel"), content_type="application/json"
    )
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    ended = client.post(
        customer_address(world, "assessments", number, "cancel"), content_type="application/json"
    )
    assert ended.status_code == 409
    with factories.in_tenant(world.home):
        entry = JournalEntry.objects.filter(action="assessment.start").latest("sequence")
    assert str(world.people["organization_engineer"].pk) in str(entry.actor)


def test_report_is_requested_and_downloaded(world: World, api: Api) -> None:
    client = api()
    asked = client.post(
        customer_address(world, "reports"), {"kind": "executive"}, content_type="application/json"
    )
    assert (asked.status_code, asked.json()["state"]) == (202, "building")
    building = client.get(asked.headers["Location"])
    assert building.json()["kind"] == "executive"
    assert client.get(f"{asked.headers['Location']}/file").status_code == 404
    ready = world.of(world.home)["report"]
    file = client.get(customer_address(world, "reports", ready.number, "file"))
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.content.startswith(b"%PDF-")
    with factories.in_tenant(world.home):
        entry = JournalEntry.objects.filter(action="file.downloaded").latest("id")
        assert entry.details["file"] == ready.file_name


def test_changed_report_is_not_sent_and_is_recorded(world: World, api: Api) -> None:
    ready = world.of(world.home)["report"]
    path = Path(ready.file.path)
    before = path.read_bytes()
    try:
        path.write_bytes(before + b" ")
        refused = api().get(customer_address(world, "reports", ready.number, "file"))
    finally:
        path.write_bytes(before)
    assert (refused.status_code, refused.json()["code"]) == (409, "file_changed")
    with factories.in_tenant(world.home):
        assert JournalEntry.objects.filter(action="report.file_refused").exists()
        assert not JournalEntry.objects.filter(action="file.downloaded").exists()


def test_catalogue_is_complete(api: Api) -> None:
    client = api("auditor", capabilities=["view"])
    listed = client.get(f"{V1}/controls?limit=500").json()["items"]
    assert [one["control"] for one in listed] == sorted(catalogue())
    assert client.get(f"{V1}/controls/{listed[0]['control']}").json() == listed[0]
    assert client.get(f"{V1}/controls/no-such-control").status_code == 404
    named = client.get(f"{V1}/controls/storage-min-tls").json()["equivalents"]
    assert [one["product"] for one in named] == ["Prowler", "Azure Policy"]
    assert named[0]["id"] == "storage_ensure_minimum_tls_version_12"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=" + "A" * 5000, "cursor"),
        ("severty=high", "severty"),
        # A value in a wrong form matches nothing. It is refused, because an empty list would look as if nothing failed.
        ("subscription=9c4c4111-a0c9-4f04-95fc-2167c1c69a8c", "subscription"),
        ("subscription=/subscriptions/9C4C4111-A0C9-4F04-95FC-2167C1C69A8C", "subscription"),
        ("subscription=Production", "subscription"),
        ("owner=owner@example.com", "owner"),
        ("owner=nobody&owner=", "owner"),
        ("control=storage-min-tlss", "control"),
        ("control=own-contoso-x%00", "control"),
    ],
)
def test_wrong_parameters_are_refused(world: World, api: Api, query: str, field: str) -> None:
    refused = api("auditor").get(customer_address(world, f"findings?{query}"))
    assert (refused.status_code, refused.headers["Content-Type"]) == (400, "application/problem+json")
    (error,) = refused.json()["errors"]
    assert error["field"] == field


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b'{"kind": NaN}', 400),
        (b'{"kind": "full", "kind": "executive"}', 400),
        (b'{"kind": "nothing"}', 400),
        (b'{"kinds": "full"}', 400),
        (b'{"assessment": 99999999}', 400),
        (b'{"assessment": 1e400}', 400),
        (b'{"kind": {}}', 400),
        (b'{"x":' * 5000, 400),
        # Half a surrogate pair is not valid text. An error answer that quoted it could not be encoded.
        (rb'{"\ud800": 1}', 400),
        (rb'{"kind": "\udfff"}', 400),
        (rb'{"kind": {"x": ["\ud800"]}}', 400),
        ('{"kind": "executive"}'.encode("utf-16"), 400),
        ('{"kind": "executive"}'.encode("utf-32-le"), 400),
        (b'{"kind": "' + 3_000_000 * b"x" + b'"}', 413),
    ],
)
def test_wrong_bodies_are_refused_and_nothing_is_built(
    world: World, api: Api, body: bytes, status: int
) -> None:
    client = api()
    before = len(items(client, customer_address(world, "reports")))
    refused = client.post(customer_address(world, "reports"), body, content_type="application/json")
    assert (refused.status_code, refused.json()["status"]) == (status, status)
    assert len(items(client, customer_address(world, "reports"))) == before


def test_too_many_parameters_are_a_problem(world: World, api: Api) -> None:
    refused = api("auditor").get(customer_address(world, "findings?" + "&".join(["state=open"] * 201)))
    assert (refused.status_code, refused.json()["code"]) == (400, "too_many_parameters")


def test_other_media_types_and_charsets_are_refused(world: World, api: Api) -> None:
    client = api()
    for media_type in ("text/plain", "application/json; charset=utf-7", 'application/json; charset="UTF-16"'):
        refused = client.post(
            customer_address(world, "reports"), b'{"kind": "executive"}', content_type=media_type
        )
        assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_media_type")
    accepted = client.post(
        customer_address(world, "reports"),
        '\ufeff{"kind": "executive"}',
        content_type="application/json; charset=UTF-8",
    )
    assert accepted.status_code == 202


def test_charset_of_the_body_does_not_change_how_an_address_is_read(world: World, api: Api) -> None:
    # In UTF-7, this would be half a surrogate pair, and an error answer that quoted it could not be encoded.
    address, kind = customer_address(world, "findings?%2B2AA-=1"), "application/json; charset=utf-7"
    refused = api("auditor").get(address, headers={"Content-Type": kind})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "+2AA-")


def test_unknown_addresses_and_methods_are_problems(world: World, api: Api) -> None:
    client = api()
    for address in (
        f"{V1}/nothing",
        "/api/",
        "/api/v2/customers",
        f"{V1}/customers/",
        customer_address(world, "findings", "x"),
    ):
        missing = client.get(address)
        assert (missing.status_code, missing.headers["Content-Type"]) == (404, "application/problem+json"), (
            address
        )
    assert client.post(f"{V1}/controls", content_type="application/json").status_code == 405


@pytest.mark.parametrize("role", ["organization_administrator", "auditor", "owner"])
def test_addresses_of_another_customer_are_not_found(world: World, api: Api, role: str) -> None:
    client = api(role)
    checked = 0
    for name, pattern in addresses().items():
        if "customer" not in pattern.pattern.converters:
            continue
        own = address_of(pattern, world, world.home)
        foreign = address_of(pattern, world, world.foreign)
        for method in ("get", "post", "put", "delete"):
            answered = getattr(client, method)(
                foreign, content_type="application/json", headers={"If-Match": '"0"'}
            )
            assert answered.status_code in (404, 405), (name, answered.status_code)
            assert world.foreign.name not in answered.content.decode()
        # Results of sign-ins, pre-flights and checks are kept only for hours. The test data have none, so 404 is right.
        is_kept = name not in ("api-sign-in", "api-service-principal-preflight", "api-finding-check")
        assert client.get(own).status_code != 404 or role == "owner" or not is_kept, name
        checked += 1
    assert checked >= 40


def test_objects_of_another_customer_are_not_found_below_the_own_one(world: World, api: Api) -> None:
    client = api("organization_administrator")
    foreign = world.of(world.foreign)["finding"]
    assert client.get(customer_address(world, "findings", foreign.pk)).status_code == 404


def test_addresses_need_a_token(world: World) -> None:
    for name, pattern in addresses().items():
        made = address_of(pattern, world, world.home)
        assert Client().get(made).status_code in (401, 405), name


def test_published_contract_is_that_of_the_code() -> None:
    assert FILE.read_text(encoding="utf-8") == generated(), "run make docs"
    served = Client().get(f"{V1}/openapi.json")
    assert served.json()["openapi"].startswith("3.1")


def test_every_operation_documents_its_errors() -> None:
    document = json.loads(FILE.read_text(encoding="utf-8"))
    operations = [
        (path, method, one) for path, methods in document["paths"].items() for method, one in methods.items()
    ]
    assert len(operations) == 272
    for path, method, one in operations:
        assert {"400", "401", "403", "429"} <= set(one["responses"]), (path, method)
        assert ("404" in one["responses"]) == ("{" in path), (path, method)
        assert one["summary"]
        assert one["security"] == [{"token": []}, {"client_credentials": []}]


def test_every_body_has_a_valid_example() -> None:
    document = json.loads(FILE.read_text(encoding="utf-8"))
    found = set()
    for operations in document["paths"].values():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            found.add(operation["operationId"])
            assert content["examples"], operation["operationId"]
            schema = {**content["schema"], "components": document["components"]}
            check = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
            # The contract permits fields that it does not name, but Surety refuses them.
            fields = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]][
                "properties"
            ]
            for example in content["examples"].values():
                check.validate(example["value"])
                assert set(example["value"]) <= set(fields), operation["operationId"]
    assert found >= set(BODIES)


def test_list_of_findings_costs_a_fixed_number_of_queries(world: World, api: Api) -> None:
    client = api("auditor")
    client.get(customer_address(world, "findings?limit=1"))
    counts = []
    for limit in (1, 50):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(customer_address(world, f"findings?limit={limit}")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] == 31
    assert (
        client_with(token_for(world.people["owner"], world.organization)).get(f"{V1}/token").status_code
        == 200
    )
