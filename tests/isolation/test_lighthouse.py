"""An organization's own principal reads the subscriptions that customers delegated to it with Azure Lighthouse."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from django.db import IntegrityError, transaction
from django.urls import reverse

from assessments.actions.archive import archive_customer
from assessments.actions.credentials.attempt_records import latest_attempt
from assessments.actions.credentials.managing_attempts import (
    request_managing_attempt,
    run_managing_attempt,
)
from assessments.actions.credentials.sign_in import session_for
from assessments.actions.units import run as run_unit
from assessments.actions.units import write
from assessments.actions.units.write import write_unit
from assessments.collect.errors import OutsideDelegation
from assessments.collect.run import collect
from assessments.errors import NothingToAssess
from assessments.models import Resource, Unit
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.models import Report
from tenants.actions import restore_tenant
from tenants.actions.delegations import exclude_delegations
from tenants.actions.managing_principals import (
    remove_managing_principal,
    set_managing_principal_enabled,
    unsaved_principal,
)
from tenants.azure.delegated_access import NotDelegated, credential_for
from tenants.errors import Conflict, ScopeConflict
from tenants.models import (
    Delegation,
    Directory,
    ManagingPrincipal,
    OrganizationJournalEntry,
    Subscription,
)
from tenants.roles import ORGANIZATION_ROLES, Role
from tenants.scope import delegation_scope, organization_scope, tenant_scope
from tests import factories
from tests.assessments.collect.azure import CLIENT, DIRECTORY, SECRET, answer
from tests.assessments.sandboxed_customer import BY, sent, work
from tests.concurrency import run_in_the_middle
from tests.isolation.lighthouse import HOMES, MANAGING, NAMES, SUBSCRIPTIONS, Msp, found_in, lines, of_others
from tests.isolation.raw_sql import TENANT_TABLES, sql
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.slow(seconds=15)


def test_nothing_is_read_before_an_administrator_assigns_the_subscription(msp: Msp) -> None:
    msp.check_now()
    with organization_scope(msp.organization):
        rows = {row.display_name: row for row in Delegation.objects.all()}
        assert {name: row.home_directory_id for name, row in rows.items()} == {
            f"{name} production": HOMES[name] for name in NAMES
        }
        assert all(row.is_managed and not row.decision and row.tenant is None for row in rows.values())
        assert not Subscription.objects.exists()
    assert "resourceGroups" not in msp.requests()
    for name in NAMES:
        with pytest.raises(NothingToAssess):
            msp.customers[name].start()
        with pytest.raises(NotDelegated):
            credential_for(msp.customers[name].tenant.pk, SUBSCRIPTIONS[name])


def test_each_customer_is_assessed_with_the_principal_and_sees_only_its_own_subscription(msp: Msp) -> None:
    msp.check_now()
    for name in NAMES:
        msp.assign(name)
    for name in NAMES:
        customer = msp.customers[name]
        assessment = customer.assess()
        units = customer.units(assessment)
        own = units[f"/subscriptions/{SUBSCRIPTIONS[name]}"]
        assert set(units) == {own.scope_id, f"directory:{HOMES[name]}"}
        assert (own.state, own.error, own.is_delegated, own.service_principal_id) == ("done", "", True, None)
        outcomes = customer.outcomes(unit=own.scope_id)
        assert "fail" in outcomes.values()
        assert "pass" in outcomes.values()
        place = units[f"directory:{HOMES[name]}"]
        assert "Azure Lighthouse delegates subscriptions, but not the directory" in place.error
        assert set(customer.outcomes(unit=place.scope_id).values()) == {"unknown"}
        reasons = {row.unknown_because for row in customer.findings(unit=place.scope_id).values()}
        assert reasons == {"not_delegated"}
        with tenant_scope(customer.tenant.pk):
            needles = [*of_others(name), *MANAGING, str(msp.principal.pk)]
            for table in TENANT_TABLES:
                stored = sql(f"SELECT t::text FROM {table} t WHERE tenant_id = %s", customer.tenant.pk)
                assert [row for (row,) in stored if found_in(row, needles)] == [], table
            report = Report(
                tenant=customer.tenant, assessment=assessment, as_of=assessment.created_at, number=1
            )
            facts = str(gather_facts(report, ensure_signing_identity()))
        assert SUBSCRIPTIONS[name] in facts
        assert found_in(facts, [*of_others(name), CLIENT, SECRET]) == []
    assert "graph" not in msp.requests().casefold().replace("resourcegraph", "")


def test_no_page_of_a_customer_shows_the_principal_or_another_customer(msp: Msp) -> None:
    msp.check_now()
    for name in NAMES:
        msp.assign(name)
    msp.customers["Alder"].assess()
    pages = "tenant findings assessments journal tenant-settings subscriptions".split()
    for role in [role for role in Role if role not in ORGANIZATION_ROLES]:
        client = signed_in_client(factories.member(role, msp.customers["Alder"].tenant))
        slug = msp.customers["Alder"].tenant.slug
        for page in pages:
            response = client.get(reverse(page, args=[slug]))
            assert response.status_code in (200, 403), page
            body = response.content.decode()
            assert found_in(body, [*of_others("Alder"), *MANAGING]) == [], (role, page)
        for page in ("lighthouse", "managing-principal-add"):
            assert client.get(reverse(page, args=[msp.organization.slug])).status_code in (403, 404)


def test_customers_scope_contains_no_row_of_the_organization(msp: Msp) -> None:
    msp.check_now()
    msp.assign("Alder")
    with tenant_scope(msp.customers["Alder"].tenant.pk):
        assert sql("SELECT count(*) FROM tenants_managingprincipal") == [(0,)]
        assert sql("SELECT count(*) FROM tenants_delegation") == [(0,)]
        with pytest.raises(ScopeConflict):
            credential_for(msp.customers["Alder"].tenant.pk, SUBSCRIPTIONS["Alder"])
    with delegation_scope(msp.customers["Alder"].tenant.pk) as scope:
        assert scope.tenant_ids == {msp.customers["Alder"].tenant.pk}
        assert sql("SELECT count(*) FROM tenants_directory") == [(1,)]


def test_credential_is_given_for_no_other_customers_subscription(msp: Msp) -> None:
    """A customer gets no credential for another customer's subscription, neither in the same organization nor across
    organizations. A forged row of the subscription does not change this.
    """
    msp.check_now()
    for name in NAMES:
        msp.assign(name)
    alder = msp.customers["Alder"].tenant
    stranger = factories.tenant()
    for tenant in (alder, stranger):
        with pytest.raises(NotDelegated):
            credential_for(tenant.pk, SUBSCRIPTIONS["Bluebird"])
    with tenant_scope(alder.pk):
        directory = Directory.objects.get()
        row = Subscription.objects.get()
        forged = Subscription(
            tenant=alder,
            directory=directory,
            subscription_id=SUBSCRIPTIONS["Bluebird"],
            display_name="Forged",
            state="Enabled",
            home_directory_id=HOMES["Alder"],
            is_delegated=True,
            discovered_at=row.discovered_at,
            last_seen_at=row.last_seen_at,
        )
        forged.save(force_insert=True)
    with pytest.raises(NotDelegated):
        credential_for(alder.pk, SUBSCRIPTIONS["Bluebird"])
    msp.forget_requests()
    msp.customers["Alder"].assess()
    assert found_in(msp.requests(), [SUBSCRIPTIONS["Alder"]])
    assert found_in(msp.requests(), [SUBSCRIPTIONS["Bluebird"]]) == []


def test_subscription_is_assigned_to_one_customer_with_its_directory(msp: Msp) -> None:
    msp.check_now()
    with pytest.raises(Conflict, match="belongs to the directory"):
        msp.assign("Alder", to="Bluebird")
    msp.assign("Alder")
    with pytest.raises(Conflict, match="already assigned or excluded"):
        msp.assign("Alder")
    stranger = factories.tenant()
    with organization_scope(msp.organization), transaction.atomic():
        sql("UPDATE tenants_delegation SET tenant_id = %s WHERE tenant_id IS NOT NULL", stranger.pk)
        with pytest.raises(IntegrityError, match="tenants_delegation_tenant_id_organization"):
            sql("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def test_a_subscription_that_another_customer_assesses_cannot_be_assigned(msp: Msp) -> None:
    """Two customers can have the same directory, but a subscription is assessed for only one customer."""
    second = factories.tenant(msp.organization, "Second")
    directory = factories.directory(second, directory_id=HOMES["Alder"], name="Alder again")
    principal = factories.service_principal(directory)
    factories.foreign_subscription(principal, subscription_id=SUBSCRIPTIONS["Alder"], home=HOMES["Alder"])
    msp.check_now()
    with pytest.raises(Conflict, match="already assessed for Second"):
        msp.assign("Alder")


def test_nothing_is_read_after_the_delegation_has_ended(msp: Msp) -> None:
    msp.check_now()
    msp.assign("Alder")
    customer = msp.customers["Alder"]
    customer.assess()
    msp.azure_is("Bluebird", "Cormorant")
    customer.assess()
    assert found_in(msp.requests(), [SUBSCRIPTIONS["Alder"]]) == []
    assert msp.row("Alder").state == "Vanished"
    with tenant_scope(customer.tenant.pk):
        assert Subscription.objects.get().state == "Vanished"
        assert Unit.objects.filter(assessment__number=2).count() == 0
    assert set(customer.outcomes(gone_at=None).values()) == {"unknown"}
    with pytest.raises(NotDelegated, match="no longer sees"):
        credential_for(customer.tenant.pk, SUBSCRIPTIONS["Alder"])
    assert "subscriptions.changed" in msp.tenant_actions("Alder")
    msp.azure_is()
    customer.assess()
    with tenant_scope(customer.tenant.pk):
        assert Subscription.objects.get().state == "Enabled"


def end_permission(msp: Msp, how: str) -> None:
    """Undo the assignment of Alder's subscription, or disable or remove the principal that reads it."""
    if how == "undo":
        msp.undo("Alder")
        return
    with organization_scope(msp.organization):
        if how == "disable":
            set_managing_principal_enabled(by=BY, principal=msp.principal, enabled=False)
        else:
            remove_managing_principal(by=BY, principal=msp.principal)


@pytest.mark.parametrize("how", ["undo", "disable", "archive", "move"])
def test_nothing_is_read_after_the_permission_has_ended(msp: Msp, how: str) -> None:
    msp.check_now()
    msp.assign("Alder")
    customer = msp.customers["Alder"]
    assessment = customer.start()
    queued = sent()
    if how == "archive":
        with tenant_scope(customer.tenant.pk):
            archive_customer(by=BY, tenant=customer.tenant, reason="Contract ended")
    elif how == "move":
        with organization_scope(msp.organization):
            Delegation.objects.filter(subscription_id=SUBSCRIPTIONS["Alder"]).update(
                home_directory_id=HOMES["Bluebird"]
            )
    else:
        end_permission(msp, how)
    for task, arguments in queued:
        current_app.tasks[task].apply(args=arguments, throw=True)
    if how != "archive":  # Archiving has already cancelled the assessment, so it needs no more work.
        work()
    assert "resourceGroups" not in msp.requests()
    assert customer.read(assessment).state in ("finished", "cancelled")
    with pytest.raises(NotDelegated):
        credential_for(customer.tenant.pk, SUBSCRIPTIONS["Alder"])
    if how == "archive":
        with tenant_scope(customer.tenant.pk):
            restore_tenant(by=BY, tenant=customer.tenant)
        with pytest.raises(NotDelegated):
            credential_for(customer.tenant.pk, SUBSCRIPTIONS["Alder"])
        msp.undo("Alder")
        msp.assign("Alder")
        assert credential_for(customer.tenant.pk, SUBSCRIPTIONS["Alder"]).delegated is not None


@pytest.mark.parametrize("how", ["undo", "disable", "remove"])
@pytest.mark.parametrize("when", ["during", "after", "writing"])
def test_a_running_unit_stops_and_writes_nothing_once_the_permission_has_ended(
    msp: Msp, monkeypatch: pytest.MonkeyPatch, how: str, when: str
) -> None:
    """The permission ends while the worker collects data, after collecting, or just before the data are written."""
    msp.check_now()
    msp.assign("Alder")
    customer = msp.customers["Alder"]

    def writing(*given: Any, **named: Any) -> None:
        monkeypatch.setattr(run_unit, "write_unit", write_unit)
        end_permission(msp, how)
        write_unit(*given, **named)

    def collecting(*given: Any, **named: Any) -> Any:
        if when == "writing":
            monkeypatch.setattr(run_unit, "write_unit", writing)
            return collect(*given, **named)
        if when == "after":
            report = collect(*given, **named)
            end_permission(msp, how)
            return report
        end_permission(msp, how)
        deadline = time.monotonic() + 20
        while not named["cancelled"]() and time.monotonic() < deadline:
            time.sleep(0.05)
        return collect(*given, **named)

    monkeypatch.setattr(run_unit, "collect", collecting)
    assert customer.read(customer.assess()).state == "finished"
    assert ("resourceGroups" in msp.requests()) is (when != "during")
    with tenant_scope(customer.tenant.pk):
        unit = Unit.objects.get(kind=Unit.Kind.SUBSCRIPTION)
        assert (
            unit.error_code
            == {
                "undo": "not_delegated",
                "disable": "service_principal_removed",
                "remove": "service_principal_removed",
            }[how]
        )
        assert not Resource.objects.exists()
    assert set(customer.outcomes(gone_at=None).values()) == {"unknown"}


@pytest.mark.parametrize("how", ["undo", "disable"])
def test_permission_cannot_end_while_a_unit_is_written(
    msp: Msp, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The action that ends the permission waits until the unit is written, so the unit is stored completely."""
    msp.check_now()
    msp.assign("Alder")
    customer = msp.customers["Alder"]

    def end() -> int:
        end_permission(msp, how)
        with tenant_scope(customer.tenant.pk):
            return Resource.objects.count()

    written = write._write

    def assess(let_second_run: Callable[[], None]) -> str:
        def writing(unit: Unit, *given: Any) -> None:
            if unit.kind == Unit.Kind.SUBSCRIPTION:
                let_second_run()
            written(unit, *given)

        monkeypatch.setattr(write, "_write", writing)
        return customer.read(customer.assess()).state

    state, resources = run_in_the_middle(assess, end)
    assert state == "finished"
    assert resources > 0


def test_a_resource_cannot_lead_the_principal_to_another_customer(msp: Msp) -> None:
    """Resources of Alder could contain addresses that lead into another subscription, such as Bluebird's. Azure would
    let the principal read that subscription, so Surety itself must refuse these addresses.
    """
    msp.check_now()
    msp.assign("Alder")
    msp.forget_requests()
    session = session_for(credential_for(msp.customers["Alder"].tenant.pk, SUBSCRIPTIONS["Alder"]))
    own, published = f"/subscriptions/{SUBSCRIPTIONS['Alder']}", "/providers/Microsoft.Authorization"
    for path in (
        f"{own}/..%5c..%5csubscriptions/{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{own}/..\\..\\subscriptions\\{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{own}/%252e%252e/{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{own}/{'%25' * 9}2e%252e/{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{own}/..;/{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{own}/..%20/{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{own}/.../{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{own}/%EF%BC%8E%EF%BC%8E/{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{own}/..%00/{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{own}/.%c0%ae/{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{own}/.%E2%80%8B./{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{own}/.%C2%AD./{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{own}//{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"{published}/policySetDefinitions/..%5C..%5C..%5Csubscriptions%5C{SUBSCRIPTIONS['Bluebird']}",
        f"{published}/policySetDefinitions/a b",
        "/providers/Microsoft.Web/webAppStacks/python",
        "/providers/Microsoft.Web/sites",
        f"/subscriptions/{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"/subscriptions/{SUBSCRIPTIONS['Alder']}/../{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"/subscriptions/{SUBSCRIPTIONS['Alder']}/%2e%2e/{SUBSCRIPTIONS['Bluebird']}/resourceGroups",
        f"/subscriptions/{SUBSCRIPTIONS['Alder']}0/resourceGroups",
        "/subscriptions",
        "/providers/Microsoft.Management/managementGroups",
    ):
        with pytest.raises(OutsideDelegation):
            session.arm.get(f"{session.arm.address}{path}?api-version=2021-04-01")
    with pytest.raises(OutsideDelegation):
        next(session.query_pages("Resources", [SUBSCRIPTIONS["Bluebird"]]))
    assert found_in(msp.requests(), [SUBSCRIPTIONS["Bluebird"]]) == []
    answered = session.arm.get(f"{session.arm.address}{own}?api-version=2022-12-01")
    assert answered["displayName"] == "Alder production"


@pytest.mark.parametrize("kind", ["webAppStacks", "functionAppStacks"])
def test_the_runtimes_that_app_service_supports_are_read(msp: Msp, kind: str) -> None:
    path = f"/providers/Microsoft.Web/{kind}"
    stack = {"id": f"{path}/python", "name": "python", "properties": {"majorVersions": []}}
    msp.azure.serve([*lines(), answer(path, 200, {"value": [stack]})])
    with organization_scope(msp.organization):
        ManagingPrincipal.objects.update(cloud_settings=msp.azure.cloud())
        Directory.objects.update(cloud_settings=msp.azure.cloud())
    msp.check_now()
    msp.assign("Alder")
    session = session_for(credential_for(msp.customers["Alder"].tenant.pk, SUBSCRIPTIONS["Alder"]))
    answered = session.arm.get(f"{session.arm.address}{path}?api-version=2025-05-01")
    assert [row["name"] for row in answered["value"]] == ["python"]


@pytest.mark.parametrize("shape", ["document", "list"])
def test_an_answer_about_another_customer_is_refused(msp: Msp, shape: str) -> None:
    """Azure answers a request below Alder's subscription with a resource of Bluebird."""
    path = f"/subscriptions/{SUBSCRIPTIONS['Alder']}/resourceGroups/rg-alder/providers/Microsoft.Insights/x/y"
    strange = {"id": path.replace(SUBSCRIPTIONS["Alder"], SUBSCRIPTIONS["Bluebird"]), "name": "y"}
    body = strange if shape == "document" else {"value": [{"id": path}, strange]}
    msp.azure.serve([*lines(), answer(path, 200, body), answer(f"{path}z", 200, {"value": [{"id": path}]})])
    with organization_scope(msp.organization):
        ManagingPrincipal.objects.update(cloud_settings=msp.azure.cloud())
        Directory.objects.update(cloud_settings=msp.azure.cloud())
    msp.check_now()
    msp.assign("Alder")
    session = session_for(credential_for(msp.customers["Alder"].tenant.pk, SUBSCRIPTIONS["Alder"]))
    with pytest.raises(OutsideDelegation):
        session.arm.get(f"{session.arm.address}{path}?api-version=2021-04-01")
    own = session.arm.get(f"{session.arm.address}{path}z?api-version=2021-04-01")
    assert [row["id"] for row in own["value"]] == [path]


def test_both_journals_record_the_decisions(msp: Msp) -> None:
    msp.check_now()
    msp.assign("Alder")
    with organization_scope(msp.organization):
        exclude_delegations(
            by=BY, organization=msp.organization, ids=[msp.row("Cormorant").pk], reason="No contract"
        )
    msp.undo("Alder")
    with organization_scope(msp.organization):
        entries = list(OrganizationJournalEntry.objects.order_by("sequence").values_list("action", flat=True))
    assert [entry for entry in entries if entry.startswith(("delegation", "managing"))] == [
        "managing_principal.added",
        "managing_principal.signed_in",
        "delegations.changed",
        "delegation.assigned",
        "delegation.excluded",
        "delegation.undone",
    ]
    assert [a for a in msp.tenant_actions("Alder") if "delegation" in a] == [
        "subscription.delegation_assigned",
        "subscription.delegation_withdrawn",
    ]
    assert [a for a in msp.tenant_actions("Bluebird") if "delegation" in a] == []


def test_principal_of_the_customers_own_directory_reads_instead(msp: Msp) -> None:
    """If the customer has a principal of its own, this principal reads the subscription and also the directory. The
    organization's principal is not used.
    """
    msp.check_now()
    msp.assign("Alder")
    customer = msp.customers["Alder"]
    own = {"clientId": "d0000000-0000-0000-0000-00000000000d", "secret": SECRET}
    home = {"tenantId": HOMES["Alder"], "clients": [{**own, "subscriptions": ["*"], "graph": ["*"]}]}
    msp.azure.serve([{"directory": home}, *list(lines("Alder"))[1:]])
    with organization_scope(msp.organization):
        ManagingPrincipal.objects.update(cloud_settings=msp.azure.cloud())
        Directory.objects.update(cloud_settings=msp.azure.cloud())
    with tenant_scope(customer.tenant.pk):
        directory = Directory.objects.select_related("tenant").get()
    principal = factories.service_principal(directory, client_id=own["clientId"], secret=SECRET)
    units = customer.units(customer.assess())
    assert {unit.service_principal_id for unit in units.values()} == {principal.pk}
    assert {unit.is_delegated for unit in units.values()} == {False}


def test_right_that_ended_meanwhile_stores_no_credential(msp: Msp) -> None:
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, msp.organization)
    with organization_scope(msp.organization):
        principal = unsaved_principal(
            organization=msp.organization,
            directory_id=DIRECTORY,
            client_id="e0000000-0000-0000-0000-00000000000e",
            cloud="custom",
            cloud_settings=msp.azure.cloud(),
        )
        attempt = request_managing_attempt(by=by, principal=principal, secret=SECRET)
    sent()
    by.is_active = False
    by.save(update_fields=["is_active"])
    run_managing_attempt(organization_id=msp.organization.pk, attempt_id=attempt.id)
    ended = latest_attempt(msp.organization.pk, attempt.id)
    assert ended is not None
    assert ended.error_code in ("not_found", "permission_denied")
    with organization_scope(msp.organization):
        assert ManagingPrincipal.objects.count() == 1
    assert "e0000000" not in msp.requests()


def test_refused_credential_changes_nothing(msp: Msp) -> None:
    """If Entra refuses a new secret, the secret is not stored. If Entra accepts it, it is stored."""
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, msp.organization)
    before = bytes(msp.principal.credential)
    for secret, code in (("not-the~secret", "AADSTS7000215"), (SECRET, "")):
        with organization_scope(msp.organization):
            attempt = request_managing_attempt(by=by, principal=msp.principal, secret=secret)
        sent()
        run_managing_attempt(organization_id=msp.organization.pk, attempt_id=attempt.id)
        ended = latest_attempt(msp.organization.pk, attempt.id)
        assert ended is not None
        assert ended.error_code == code
        with organization_scope(msp.organization):
            row = ManagingPrincipal.objects.get()
        assert (bytes(row.credential) == before) is bool(code)
        assert (row.rotated_at is None) is bool(code)
