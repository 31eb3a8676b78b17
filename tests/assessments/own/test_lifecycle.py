"""Own controls are written, published, judged, switched off and retired."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from assessments.actions import own_controls
from assessments.actions.check_finding import latest_check, request_check
from assessments.actions.own_controls import MAX_CONTROLS, discard_draft, publish, save_draft, set_state
from assessments.actions.profiles import overrides_of, set_profile, switch_off
from assessments.controls.profiles import OWN
from assessments.controls.registry import UnknownControl, catalogue, control, known_controls
from assessments.models import OwnControl, OwnControlVersion
from assessments.own.cases import wrong_cases
from assessments.own.definition import stored_form
from assessments.own_controls.trial import try_control
from portal.configuration.own_controls import read_control
from portal.treatment.naming import control_problem, control_title
from tenants.actions.members import grant_membership
from tenants.errors import Conflict, InvalidInput, PermissionDenied
from tenants.locks import Lock
from tenants.models import Membership, OrganizationJournalEntry, Person, ServiceAccountController
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope, tenant_scope
from tests import factories
from tests.assessments.lifecycle.estates import SCOPE, estate
from tests.assessments.own.published import example, publish_control
from tests.assessments.sandboxed_customer import BY, Azure, Customer, work
from tests.concurrency import held_elsewhere, run_in_the_middle

pytestmark = pytest.mark.django_db


def tagged(name: str) -> Any:
    def change(lines: list[Any]) -> list[Any]:
        for line in lines:
            if line["id"].endswith(f"/storageAccounts/{name}"):
                line["tags"] = {"Owner": "Team Data"}
        return lines

    return change


@pytest.mark.slow(seconds=2)
@pytest.mark.django_db(transaction=True)
def test_a_published_control_is_judged_until_it_is_retired(azure: Azure, customer: Customer) -> None:
    azure.serve(estate())
    customer.add()
    organization = customer.tenant.organization
    row = publish_control(organization)
    first = customer.assess()
    recorded = first.parameters[row.slug]["own_control"]
    assert (recorded["version"], recorded["definition"]["control"]) == (1, row.slug)
    found = {key[1]: one for key, one in customer.findings().items() if key[0] == row.slug}
    plain = found["aplain"]
    assert (plain.outcome, plain.section, plain.severity) == ("fail", "own", "low")
    assert plain.reason == "Not met: tags.owner matches .+"
    assert plain.expected == "Storage accounts name their owner"
    assert len(plain.evidence) == 1
    with tenant_scope(customer.tenant.pk):
        assert control_problem(row.slug) == "Storage account without an owner"
    # Checking the single finding again reads its resource from Azure.
    customer.azure_is(estate(first=tagged("aplain")))
    with tenant_scope(customer.tenant.pk):
        request_check(finding=plain, by=factories.person())
    assert work() == 1
    with tenant_scope(customer.tenant.pk):
        check = latest_check(plain)
        assert check is not None
        assert check.outcome == "pass"
    second = customer.assess()
    assert customer.outcomes()[row.slug, "aplain"] == "pass"
    with organization_scope(organization):
        set_state(control=row, by=factories.person(), state="retired", reason="Policy of Azure does this")
    third = customer.assess()
    now = customer.findings(gone_at__isnull=True)
    left = {key[1]: one for key, one in now.items() if key[0] == row.slug}
    assert list(left) == [SCOPE.rpartition("/")[2]]
    assert next(iter(left.values())).observed == {"switched_off_because": "Policy of Azure does this"}
    assert third.parameters[row.slug]["switched_off"]["reason"] == "Policy of Azure does this"
    with tenant_scope(customer.tenant.pk):
        assert control_title(row.slug) == "Storage accounts name their owner (retired)"
    assert {first.number, second.number, third.number} == {1, 2, 3}


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db(transaction=True)
def test_a_trial_reads_stored_configurations_and_writes_nothing(azure: Azure, customer: Customer) -> None:
    azure.serve(estate(first=tagged("aplain")))
    customer.add()
    customer.assess()
    organization = customer.tenant.organization
    data = read_control(example(organization), organization)
    with organization_scope(organization):
        (trial,) = try_control(stored_form(data), [customer.tenant])
        machines = {**stored_form(data), "subjects": "virtual_machines"}
        (other,) = try_control(machines, [customer.tenant])
    busy = pytest.raises(Conflict, match="Another control is being tried")
    with held_elsewhere(Lock.OWN_TRIAL, str(organization.pk)), organization_scope(organization), busy:
        try_control(stored_form(data), [customer.tenant])
    assert trial.counts["pass"] == 1
    assert trial.counts["fail"] == len(trial.listed) > 0
    assert (trial.incomplete, trial.more) == ("", 0)
    assert all(row.reason == "Not met: tags.owner matches .+" for row in trial.listed)
    assert other.counts.total() == 0, "the subscription has no virtual machines"
    assert not any(key[0].startswith("own-") for key in customer.outcomes())


def test_the_author_cannot_publish_if_another_administrator_exists() -> None:
    organization = factories.organization()
    first, second = (factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization) for _ in range(2))
    text = example(organization)
    with organization_scope(organization):
        data = read_control(text, organization)
        row = save_draft(organization=organization, by=first, text=text, data=data)
        with pytest.raises(PermissionDenied, match="Another administrator"):
            publish(control=row, by=first, number=1)
        with pytest.raises(Conflict):
            publish(control=row, by=second, number=2)
        assert publish(control=row, by=second, number=1).version == 1
        save_draft(organization=organization, by=second, text=text, data=data)
        with pytest.raises(PermissionDenied):
            publish(control=row, by=second, number=2)
        entries = OrganizationJournalEntry.objects.filter(action__startswith="own_control.")
        assert [entry.action for entry in entries.order_by("sequence")] == [
            "own_control.drafted", "own_control.published", "own_control.drafted",
        ]  # fmt: skip
        published = entries.get(action="own_control.published")
        assert published.details == {"version": 1, "written_by": str(first.pk), "second_person": True}


def test_a_draft_that_was_changed_after_it_was_read_is_not_published() -> None:
    organization = factories.organization()
    author, second = (factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization) for _ in range(2))
    text = example(organization)
    with organization_scope(organization):
        row = save_draft(
            organization=organization, by=author, text=text, data=read_control(text, organization)
        )
        read = OwnControlVersion.objects.get(control=row).written_at.isoformat()
        other = text.replace("severity: low", "severity: high")
        save_draft(organization=organization, by=author, text=other, data=read_control(other, organization))
        with pytest.raises(Conflict, match="changed"):
            publish(control=row, by=second, number=1, seen=read)
        read = OwnControlVersion.objects.get(control=row).written_at.isoformat()
        assert publish(control=row, by=second, number=1, seen=read).definition["severity"] == "high"


@pytest.mark.django_db(transaction=True)
def test_a_draft_does_not_change_while_it_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    organization = factories.organization()
    author, second = (factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization) for _ in range(2))
    text = example(organization)
    other = text.replace("severity: low", "severity: high")
    with organization_scope(organization):
        row = save_draft(
            organization=organization, by=author, text=text, data=read_control(text, organization)
        )

    def publish_slowly(pause: Callable[[], None]) -> None:
        def judged(data: Any) -> Any:
            pause()
            return wrong_cases(data)

        monkeypatch.setattr(own_controls, "wrong_cases", judged)
        with organization_scope(organization):
            publish(control=row, by=second, number=1)

    def save_again() -> None:
        with organization_scope(organization):
            save_draft(
                organization=organization, by=author, text=other, data=read_control(other, organization)
            )

    run_in_the_middle(publish_slowly, save_again)
    with organization_scope(organization):
        versions = OwnControlVersion.objects.filter(control=row).order_by("number")
        assert list(versions.values_list("number", "text", "published_by")) == [
            (1, text, second.pk), (2, other, None)
        ]  # fmt: skip


def test_whoever_controls_the_account_of_the_author_is_no_second_person() -> None:
    organization = factories.organization()
    by, other = (factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization) for _ in range(2))
    account = Person.objects.create_user("0a@service.invalid", name="Controls", is_service=True)
    text = example(organization)
    with organization_scope(organization):
        ServiceAccountController.objects.create(
            organization=organization, account=account, person=by, since=timezone.now()
        )
        data = read_control(text, organization)
        row = save_draft(organization=organization, by=account, text=text, data=data)
        with pytest.raises(PermissionDenied, match="service account that you control"):
            publish(control=row, by=by, number=1)
        assert publish(control=row, by=other, number=1).version == 1
        # Without a second administrator, the controller of the service account may publish the control. The journal
        # then records that no second person was involved.
        Membership.objects.filter(person=other).delete()
        save_draft(organization=organization, by=account, text=text, data=data)
        publish(control=row, by=by, number=2)
        entries = OrganizationJournalEntry.objects.filter(action="own_control.published")
        seconds = [entry.details["second_person"] for entry in entries.order_by("sequence")]
    assert seconds == [True, False]


def test_an_administrator_whom_the_author_has_just_appointed_cannot_publish() -> None:
    organization = factories.organization()
    author = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    new, text = factories.person(), example(organization)
    with person_scope(author):
        data = read_control(text, organization)
        row = save_draft(organization=organization, by=author, text=text, data=data)
        role = Role.ORGANIZATION_ADMINISTRATOR
        grant_membership(by=author, person=new, organization=organization, role=role, tenant=None)
    with person_scope(new), pytest.raises(PermissionDenied, match="You have had your role for less than"):
        publish(control=row, by=new, number=1)


def test_the_only_administrator_can_publish_and_the_journal_says_so() -> None:
    organization = factories.organization()
    alone = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    text = example(organization)
    with organization_scope(organization):
        data = read_control(text, organization)
        row = save_draft(organization=organization, by=alone, text=text, data=data)
        publish(control=row, by=alone, number=1)
        entry = OrganizationJournalEntry.objects.get(action="own_control.published")
        assert entry.details["second_person"] is False


def test_wrong_cases_and_bad_states_are_refused() -> None:
    organization = factories.organization()
    by = factories.person()
    text = (
        example(organization)
        .replace("verdict: fail", "verdict: unknown")
        .replace("verdict: pass", "verdict: fail")
        .replace("verdict: unknown", "verdict: pass")
    )
    with organization_scope(organization):
        data = read_control(text, organization)
        row = save_draft(organization=organization, by=by, text=text, data=data)
        with pytest.raises(InvalidInput, match="should be"):
            publish(control=row, by=by, number=1)
        with pytest.raises(Conflict):
            set_state(control=row, by=by, state="off", reason="x")
        with pytest.raises(InvalidInput):
            save_draft(organization=organization, by=by, text="", data={**data, "control": "own-x-y"})
        discard_draft(control=row, by=by)
        assert not OwnControl.objects.exists()
    row = publish_control(organization)
    with organization_scope(organization):
        with pytest.raises(InvalidInput, match="Enter why"):
            set_state(control=row, by=by, state="off", reason=" ")
        set_state(control=row, by=by, state="off", reason="Paused")
        with pytest.raises(Conflict):
            set_state(control=row, by=by, state="off", reason="Again")
        assert set_state(control=row, by=by, state="active").reason == ""
        set_state(control=row, by=by, state="retired", reason="Done")
        with pytest.raises(Conflict):
            set_state(control=row, by=by, state="active")
        text = example(organization)
        with pytest.raises(Conflict, match="retired"):
            save_draft(organization=organization, by=by, text=text, data=read_control(text, organization))


def test_the_number_of_controls_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_CONTROLS == 100
    monkeypatch.setattr("assessments.actions.own_controls.MAX_CONTROLS", 1)
    organization = factories.organization()
    publish_control(organization)
    text = example(organization).replace("owner-tag", "other-tag")
    with organization_scope(organization), pytest.raises(InvalidInput, match="Retire one"):
        save_draft(
            organization=organization,
            by=factories.person(),
            text=text,
            data=read_control(text, organization),
        )


def test_a_customer_has_the_controls_of_its_organization_only() -> None:
    mine, theirs = factories.tenant(), factories.tenant()
    assert mine.organization_id != theirs.organization_id
    row = publish_control(mine.organization)
    with tenant_scope(mine.pk):
        assert list(overrides_of(mine)) == [row.slug]
        assert row.slug in known_controls()
        assert row.slug in list(known_controls())
        assert not OwnControlVersion.objects.exists(), "customers cannot read the text"
        with pytest.raises(UnknownControl):
            control(row.slug)
        switch_off(tenant=mine, by=BY, slug=row.slug, reason="Not for this customer")
        stored = overrides_of(mine)[row.slug]
        assert set(stored) == {"own_control", "switched_off"}
        # A profile chooses only among the controls of Surety's catalogue, so the published control stays in effect.
        set_profile(tenant=mine, by=BY, profile=OWN, controls=["storage-min-tls"])
        assert "own_control" in overrides_of(mine)[row.slug]
    with tenant_scope(theirs.pk):
        assert overrides_of(theirs) == {}
        assert row.slug not in known_controls()
        assert list(known_controls()) == list(catalogue())
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM assessments_owncontrol")
            assert cursor.fetchone() == (0,)
        with pytest.raises(InvalidInput):
            switch_off(tenant=theirs, by=BY, slug=row.slug, reason="Foreign")
    assert list(known_controls()) == list(catalogue()), "without a scope"
