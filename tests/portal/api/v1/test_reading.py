"""What the lists and objects of the API contain, compared with the queries of the pages."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.utils import timezone

from assessments.actions.schedules import set_schedule
from assessments.controls.registry import catalogue
from assessments.frameworks.framework import NAMES, framework
from assessments.models import ControlSetting, Finding
from portal.queries.frameworks.results import count_by_result, tenant_states
from portal.queries.inventory.filters import InventoryFilter, InventorySearch
from portal.queries.journal.filters import JournalFilter, JournalSearch
from portal.queries.parameters import parse_query_string
from tenants import journal
from tenants.models import Person
from tenants.scope import person_scope
from tests import factories
from tests.for_each import for_each
from tests.portal.api.addresses import items
from tests.portal.api.conftest import Api, client_with, token_for
from tests.portal.web.world import World, give

NAMES_FIRST = next(iter(NAMES))


def customer_address(world: World, *parts: object) -> str:
    return "/".join([f"/api/v1/customers/{world.home.slug}", *map(str, parts)])


def administrator(world: World) -> Person:
    return world.people["organization_administrator"]


def test_service_principal_is_read_without_its_credential(world: World, api: Api) -> None:
    principal = world.of(world.home)["principal"]
    answer = api("auditor").get(customer_address(world, "service-principals", principal.pk))
    found = answer.json()
    assert (found["client_id"], found["kind"], found["name"]) == (
        principal.client_id,
        "secret",
        "surety-reader",
    )
    assert found["directory_id"] == world.of(world.home)["directory"].directory_id
    assert not any("credential" in name or "secret" in name for name in found)
    with factories.in_tenant(world.home):
        principal.refresh_from_db()
    assert str(principal.credential) not in answer.content.decode()


def test_subscriptions_are_those_of_the_settings(world: World, api: Api) -> None:
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        type(own["subscription"]).objects.filter(pk=own["subscription"].pk).update(
            included=False, exclusion_reason="A test.", management_groups=[["mg-root", "Root"]]
        )
    # The list lacks the subscription of another directory, even for an administrator of the organization.
    (found,) = items(api("organization_administrator"), customer_address(world, "subscriptions"))
    assert found["subscription_id"] == own["subscription"].subscription_id
    assert (found["situation"], found["service_principal"]) == ("excluded", str(own["principal"].pk))
    assert found["why_not_assessed"] == "Excluded in the customer’s settings: A test."
    assert found["management_groups"] == [{"name": "mg-root", "label": "Root"}]


def test_exceptions_are_shown_with_people_and_findings(world: World, api: Api) -> None:
    engineer = world.people["organization_engineer"]
    (found,) = items(api("approver"), customer_address(world, "exceptions?state=requested&ending=90"))
    assert (found["number"], found["state"], found["scope"]) == (1, "requested", "finding")
    assert (found["findings"], found["changed"], found["rule"]) == (1, 0, {})
    assert found["requested_by"] == {
        "id": str(engineer.pk),
        "name": engineer.name,
        "email": engineer.email,
    }
    assert found["decided_by"] is None
    assert items(api("approver"), customer_address(world, "exceptions?ending=7")) == []
    assert (
        items(api("approver"), customer_address(world, f"exceptions?asked={world.people['auditor'].pk}"))
        == []
    )
    control = world.of(world.home)["finding"].control
    assert len(items(api("approver"), customer_address(world, f"exceptions?control={control}"))) == 1


def test_owner_sees_only_exceptions_of_own_findings(world: World, api: Api) -> None:
    assert items(api("owner"), customer_address(world, "exceptions")) == []
    assert api("owner").get(customer_address(world, "exceptions", 1)).status_code == 404
    engineer = world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        give(world.home, world.of(world.home)["finding"], world.people["owner"], by=engineer)
    assert [one["number"] for one in items(api("owner"), customer_address(world, "exceptions"))] == [1]


def test_attestations_are_manual_controls_with_answers(world: World, api: Api) -> None:
    own = world.of(world.home)
    everything = items(api("auditor"), customer_address(world, "attestations?limit=500"))
    with factories.in_tenant(world.home):
        manual = Finding.objects.filter(tenant=world.home, state=Finding.State.MANUAL)
        assert {one["id"] for one in everything} == {str(pk) for pk in manual.values_list("pk", flat=True)}
    (answered,) = items(api("auditor"), customer_address(world, "attestations?answer=valid"))
    assert answered["id"] == str(own["manual"].pk)
    assert answered["answer"]["statement"] == "Looked at the policy in the portal."
    assert answered["answer"]["attested_by"]["email"] == "engineer@example.com"
    never = items(api("auditor"), customer_address(world, "attestations?answer=never&limit=500"))
    assert len(never) == len(everything) - 1
    assert all(one["answer"] is None for one in never)
    assert items(api("auditor"), customer_address(world, "attestations?owner=me")) == []
    assert items(api("owner"), customer_address(world, "attestations")) == []


@pytest.mark.slow(seconds=1)
@for_each(
    "query",
    [
        "",
        "kind=exceptions",
        "kind=other",
        "kind=findings&kind=azure",
        "q=storage",
        "from=2000-01-01",
        "to=2000-01-01",
    ],
)
def test_journal_entries_are_those_of_the_page(world: World, api: Api, query: str) -> None:
    with person_scope(administrator(world)):
        everything = journal.entries(world.home).order_by()
        search = JournalSearch(everything, JournalFilter.parse(parse_query_string(query)))
        expected = [(row.sequence, row.hash) for row in search.entries()]
    found = items(api("auditor"), customer_address(world, f"journal?limit=500&{query}"))
    assert [(one["sequence"], one["hash"]) for one in found] == expected


def test_journal_is_filtered_by_person_and_object(world: World, api: Api) -> None:
    client, engineer = api("auditor"), world.people["organization_engineer"]
    everything = items(client, customer_address(world, "journal?limit=500"))
    by_person = items(client, customer_address(world, f"journal?by={engineer.pk}&limit=500"))
    assert by_person == [one for one in everything if f"(person:{engineer.pk})" in one["actor"]]
    assert 0 < len(by_person) < len(everything)
    assert {one["by"] for one in by_person} == {engineer.name}
    exception = world.of(world.home)["exception"]
    about = items(client, customer_address(world, f"journal?of=findingexception:{exception.pk}"))
    assert "exception.requested" in {one["action"] for one in about}
    assert about[0]["previous_hash"] != about[0]["hash"]


@pytest.mark.slow(seconds=1)
@for_each(
    "query",
    [
        "",
        "type=microsoft.storage/storageaccounts",
        "findings=open",
        "tag=env=prod",
        "q=nothing",
        "state=deleted",
    ],
)
def test_resources_are_those_of_the_page(world: World, api: Api, query: str) -> None:
    with person_scope(administrator(world)):
        chosen = InventoryFilter.parse(parse_query_string(query))
        expected = {str(row.pk) for row in InventorySearch(world.home, chosen, timezone.now()).resources()}
    found = items(api("auditor"), customer_address(world, f"resources?{query}"))
    assert {one["id"] for one in found} == expected


def test_resource_has_the_numbers_of_its_findings(world: World, api: Api) -> None:
    resource = world.of(world.home)["resource"]
    found = api("auditor").get(customer_address(world, "resources", resource.pk)).json()
    failing = items(api("auditor"), customer_address(world, "findings?state=open&limit=500"))
    own = [one for one in failing if one["subject"].lower() == resource.resource_id.lower()]
    assert sum(found["open_findings"].values()) == len(own) > 0
    assert (found["tags"], found["unit_name"]) == ({"env": "prod"}, "Production")


def test_changes_are_shown_with_properties_and_review(world: World, api: Api) -> None:
    own = world.of(world.home)
    (found,) = items(api("auditor"), customer_address(world, "changes"))
    assert (found["id"], found["kind"], found["resource"]) == (
        str(own["change"].pk),
        "changed",
        str(own["resource"].pk),
    )
    paths = {".".join(map(str, one["path"])) for one in found["differences"]}
    assert "properties.supportsHttpsTrafficOnly" in paths
    assert {one["after"] for one in found["verdicts"]} >= {"fail"}
    assert (found["review"], found["severity"]) == ("waiting", "high")
    assert len(found["rules"]) >= 1
    assert items(api("auditor"), customer_address(world, "changes?state=none")) == []
    assert items(api("auditor"), customer_address(world, "changes?kind=created")) == []
    assert (
        len(items(api("auditor"), customer_address(world, f"changes?resource={own['resource'].pk}&days=all")))
        == 1
    )


def test_owner_reads_one_caught_change_but_not_the_list(world: World, api: Api) -> None:
    change, client = world.of(world.home)["change"], api("owner")
    assert client.get(customer_address(world, "changes")).status_code == 403
    assert client.get(customer_address(world, "changes", change.pk)).status_code == 404
    with factories.in_tenant(world.home):
        type(change).objects.filter(pk=change.pk).update(owner=world.people["owner"])
    found = client.get(customer_address(world, "changes", change.pk)).json()
    assert (found["owner"]["email"], found["verdicts"]) == ("owner@example.com", [])
    wanted = change.verdicts[0]["finding"]
    with factories.in_tenant(world.home):
        engineer = world.people["organization_engineer"]
        give(world.home, Finding.objects.get(pk=wanted), world.people["owner"], by=engineer)
    found = client.get(customer_address(world, "changes", change.pk)).json()
    assert [one["finding"] for one in found["verdicts"]] == [wanted]


def test_members_are_those_with_access_now(world: World, api: Api) -> None:
    found = items(api("tenant_administrator"), customer_address(world, "members"))
    emails = {one["person"]["email"] for one in found}
    assert {"auditor@example.com", "engineer@example.com"} <= emails
    # People whose role waits for a second administrator have no access yet, so they are not listed.
    assert not any("waiting" in email for email in emails)
    roles = {one["role"]: one["in_organization"] for one in found}
    assert (roles["organization_engineer"], roles["owner"]) == (True, False)


def test_schedule_and_policy_are_those_of_the_settings(world: World, api: Api) -> None:
    client = api("auditor")
    before = client.get(customer_address(world, "schedule"))
    assert (before.json()["schedule"], before.json()["next_at"]) == ("default", None)
    with person_scope(administrator(world)):
        set_schedule(
            tenant=world.home, by=administrator(world), wanted="daily 02:00 within 60", expected="default"
        )
    after = client.get(customer_address(world, "schedule"))
    assert after.json()["schedule"].startswith("daily 02:00")
    assert after.json()["next_at"] is not None
    assert after.headers["ETag"] != before.headers["ETag"]
    assert client.get(customer_address(world, "policy")).json()["parameters"] == []
    control = next(one for one in catalogue().values() if one.parameters)
    parameter = control.parameters[0]
    values = {parameter.name: parameter.default, "removed": 1}
    with factories.in_tenant(world.home):
        ControlSetting.objects.create(tenant=world.home, control=control.slug, values=values)
    policy = client.get(customer_address(world, "policy")).json()
    assert [(one["control"], one["parameter"]) for one in policy["parameters"]] == [
        (control.slug, parameter.name)
    ]
    assert policy["exception_cap_days"] == world.home.exception_cap_days
    assert policy["due_days"]["critical"] == world.home.due_days["critical"]
    for name in ("schedule", "policy"):
        assert api("owner").get(customer_address(world, name)).status_code == 403
        assert client.get(f"/api/v1/customers/{world.foreign.slug}/{name}").status_code == 404
        assert client.get(customer_address(world, f"{name}?limit=1")).status_code == 400


@pytest.mark.slow(seconds=1)
def test_frameworks_have_all_requirements_and_their_results(world: World, api: Api) -> None:
    client = api("auditor")
    listed = items(client, "/api/v1/frameworks?limit=3")
    assert [one["framework"] for one in listed] == list(NAMES)
    assert listed[0]["requirements"] == len(framework(NAMES_FIRST).numbers)
    requirements = items(client, f"/api/v1/frameworks/{NAMES_FIRST}/requirements?limit=50")
    assert [one["number"] for one in requirements] == list(framework(NAMES_FIRST).numbers)
    with person_scope(administrator(world)):
        states = tenant_states(world.home, timezone.now())
        expected = {key: count_by_result(states.results(framework(key))) for key in NAMES}
        results = states.results(framework(NAMES_FIRST))
    own = items(client, customer_address(world, "frameworks"))
    assert {one["framework"]: one["results"] for one in own} == expected
    found = items(client, customer_address(world, "frameworks", NAMES_FIRST, "requirements?result=failed"))
    failed = [row.covered.number.number for row in results if row.result == "failed"]
    assert [one["number"] for one in found] == failed != []
    assert all(one["findings"]["failing"] > 0 and one["controls"] for one in found)


@pytest.mark.slow(seconds=1)
def test_frameworks_are_refused_if_unknown_or_not_permitted(world: World, api: Api) -> None:
    client = api("auditor")
    for path in (
        "/api/v1/frameworks/cis-0/requirements",
        customer_address(world, "frameworks/cis-0/requirements"),
    ):
        assert client.get(path).json()["code"] == "not_found"
    unknown = client.get(f"/api/v1/frameworks/{NAMES_FIRST}/requirements?coverage=x")
    assert [one["field"] for one in unknown.json()["errors"]] == ["coverage"]
    for query in ("level=1", "assessment=automated", "section=x", "level=Level 1&level=1"):
        for path in ("/api/v1/", customer_address(world, "")):
            answer = client.get(f"{path}frameworks/cis-6.0.0/requirements?{query}")
            name = query.partition("=")[0]
            assert [one["field"] for one in answer.json()["errors"]] == [name], path
            assert name != "level" or "Known values: Level 1, Level 2." in answer.json()["detail"]
    # Requirements can be filtered by result only in the list of a customer.
    assert client.get(f"/api/v1/frameworks/{NAMES_FIRST}/requirements?result=failed").status_code == 400
    for path in ("frameworks", f"frameworks/{NAMES_FIRST}/requirements"):
        assert api("owner").get(customer_address(world, path)).status_code == 403


def test_token_sees_its_own_organization(world: World, api: Api) -> None:
    client = api("organization_administrator")
    (found,) = items(client, "/api/v1/organizations")
    assert (found["short_name"], found["name"]) == (world.organization.slug, world.organization.name)
    assert "members" in found["capabilities"]
    assert client.get(f"/api/v1/organizations/{world.organization.slug}").json() == found
    assert client.get(f"/api/v1/organizations/{world.foreign.organization.slug}").status_code == 404
    # A person with roles in single customers has no right in the organization as a whole.
    limited: list[dict[str, Any]] = items(api("auditor"), "/api/v1/organizations")
    assert [(one["short_name"], one["capabilities"]) for one in limited] == [(world.organization.slug, [])]


def test_service_accounts_are_listed_for_whoever_sees_who_has_access(world: World, api: Api) -> None:
    account = world.of(world.home)["service_account"]
    client = api("organization_administrator")
    (found,) = items(client, f"/api/v1/organizations/{world.organization.slug}/service-accounts")
    assert (found["id"], found["person_id"]) == (str(account.pk), str(account.person_id))
    assert (found["name"], found["role"], found["customers"]) == (
        "Ticket system", "organization_engineer", None,
    )  # fmt: skip
    assert found["responsible"]["email"] == world.people["organization_administrator"].email
    assert found["is_enabled"] is True
    foreign = f"/api/v1/organizations/{world.foreign.organization.slug}/service-accounts"
    assert client.get(foreign).status_code == 404
    for role, status in (("organization_engineer", 403), ("tenant_administrator", 403), ("owner", 403)):
        address = f"/api/v1/organizations/{world.organization.slug}/service-accounts"
        assert api(role).get(address).status_code == status, role


@pytest.mark.slow(seconds=1)
def test_client_secrets_are_listed_without_the_secret_and_revoked(world: World, api: Api) -> None:
    own, client = world.of(world.home), api("organization_administrator")
    below = f"/api/v1/organizations/{world.organization.slug}/service-accounts"
    address = f"{below}/{own['service_account'].pk}/client-secrets"
    revoke = f"{address}/{own['client_secret'].pk}/revoke"
    (found,) = items(client, address)
    assert set(found) == {
        "id", "name", "beginning", "capabilities", "created_at", "expires_at", "revoked_at", "last_used_at",
        "last_used_from",
    }  # fmt: skip
    assert (found["id"], found["name"]) == (str(own["client_secret"].pk), "Build pipeline")
    assert (found["beginning"], found["revoked_at"], found["last_used_at"]) == (
        own["client_secret"].beginning, None, None,
    )  # fmt: skip
    for role in ("organization_engineer", "tenant_administrator", "owner"):
        assert api(role).get(address).status_code == 403, role
        assert api(role).post(revoke).status_code == 403, role
    narrow = client_with(
        token_for(world.people["organization_administrator"], world.organization, capabilities=["members"])
    )
    assert (narrow.get(address).status_code, narrow.post(revoke).status_code) == (200, 403)
    foreign = world.of(world.foreign)
    for unknown in (
        f"{below}/{foreign['service_account'].pk}/client-secrets/{foreign['client_secret'].pk}/revoke",
        f"{address}/{foreign['client_secret'].pk}/revoke",
        f"{below}/{world.home.pk}/client-secrets/{own['client_secret'].pk}/revoke",
    ):
        assert client.post(unknown).status_code == 404, unknown
    assert client.get(f"{below}/{foreign['service_account'].pk}/client-secrets").status_code == 404
    first, second = client.post(revoke), client.post(revoke)
    assert first.status_code == 200
    assert first.json()["revoked_at"] is not None
    assert second.json() == first.json()
    assert items(client, address) == [first.json()]


def test_cursors_of_other_lists_are_refused(world: World, api: Api) -> None:
    client = api("auditor")
    nul = base64.urlsafe_b64encode(b"a\0").decode().rstrip("=")
    for path in ("/api/v1/customers", "/api/v1/organizations", "/api/v1/controls", "/api/v1/frameworks"):
        refused = client.get(f"{path}?cursor={nul}")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "cursor"), path
