"""Attestations: given, replaced, withdrawn and expired; their effects, notices and journal entries."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.actions.attestations.attest import attest, lapse_expired, withdraw_attestation
from portal.treatment.errors import NotManual, WrongState
from portal.treatment.models import Attestation, EvidenceFile, Treatment, TreatmentEvent
from portal.treatment.selectors.attestations import (
    NEEDS_ANSWER_STANDINGS,
    answers_of,
    count_by_standing,
    manual_findings,
    with_standing,
)
from portal.treatment.states import shown_state
from tenants.errors import InvalidInput
from tenants.journal import entries, verify
from tenants.models import Person, Tenant
from tenants.roles import Role
from tenants.scope import person_scope, tenant_scope
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def tenant(db: None) -> Tenant:
    return factories.tenant()


@pytest.fixture
def owner(tenant: Tenant) -> Person:
    return factories.member(Role.OWNER, tenant, factories.person("owner@example.com", name="Ola Owner"))


@pytest.fixture
def auditor(tenant: Tenant) -> Person:
    return factories.member(Role.AUDITOR, tenant, factories.person("auditor@example.com"))


def manual(tenant: Tenant, number: int = 0, **given: Any) -> Finding:
    values: dict[str, Any] = {
        "control": "identity-adfs-onprem-audit",
        "section": "identity",
        "severity": "medium",
        "severity_rank": 2,
        "subject": f"directory/{number}",
        "subject_key": hashlib.sha256(f"{number}".encode()).hexdigest(),
        "subject_name": f"Directory {number}",
        "subject_type": "directory",
        "unit": "directory:1",
        "outcome": "manual",
        "state": "manual",
        "reason": "A person has to look.",
        "expected": "Reviewed",
        "observed": {"guests": 4},
        "observed_sha256": "a" * 64,
        "first_seen_at": NOW - 10 * DAY,
        "changed_at": NOW - 10 * DAY,
    }
    return Finding.objects.create(tenant=tenant, **{**values, **given})


def shown(finding: Finding, now: datetime = NOW) -> str:
    rows = Finding.objects.annotate(shown=shown_state(now))
    return str(rows.values_list("shown", flat=True).get(pk=finding.pk))


def kinds(finding: Finding) -> list[str]:
    return list(
        TreatmentEvent.objects.filter(finding=finding).order_by("at", "id").values_list("kind", flat=True)
    )


def actions_of(tenant: Tenant) -> list[str]:
    found = [entry.action for entry in entries(tenant)]
    return [action for action in found if action.startswith("attestation.")]


def give(finding: Finding, by: Person, days: float = 90, now: datetime = NOW, **given: Any) -> Attestation:
    values: dict[str, Any] = {"met": True, "statement": "All guests were reviewed.", **given}
    return attest(finding=finding, by=by, valid_until=now + days * DAY, now=now, **values)


def take_back(given: Attestation, by: Person, now: datetime = NOW, note: str = "") -> None:
    withdraw_attestation(attestation=given, by=by, note=note, now=now)


def test_an_attestation_takes_effect_and_is_recorded(tenant: Tenant, owner: Person) -> None:
    with tenant_scope(tenant.pk):
        finding = manual(tenant)
        assert shown(finding) == "manual"
        given = give(finding, owner, statement="  Reviewed\r\non paper.\n")
        assert shown(finding) == "attested"
        treatment = Treatment.objects.get(finding=finding)
        assert (treatment.attestation, treatment.attested_met, treatment.attested_until) == (
            given, True, NOW + 90 * DAY,
        )  # fmt: skip
        assert (given.statement, given.observed_sha256) == ("Reviewed\non paper.", "a" * 64)
        line = TreatmentEvent.objects.get(finding=finding)
        assert (line.kind, line.before, line.after) == (
            "attested",
            "Not attested",
            "Met, valid until 2027-02-23",
        )
        assert (line.note, line.by, line.attestation) == ("Reviewed\non paper.", owner, given)
        entry = entries(tenant).last()
        assert entry is not None
        assert (entry.action, entry.details["met"]) == ("attestation.given", True)
        assert entry.details["statement"] == "Reviewed\non paper."
        assert entry.details["finding"] == str(finding.pk)
        assert entry.details["observed_sha256"] == given.observed_sha256
        assert verify(tenant) == []


def test_attested_as_not_met_counts_as_a_failure(tenant: Tenant, owner: Person) -> None:
    with tenant_scope(tenant.pk):
        finding = manual(tenant)
        give(finding, owner, met=False)
        assert shown(finding) == "not_met"


def test_attesting_keeps_the_owner(tenant: Tenant, owner: Person, auditor: Person) -> None:
    with tenant_scope(tenant.pk):
        finding = manual(tenant)
        Treatment.objects.create(
            tenant=tenant, finding=finding, owner=auditor, owned_at=NOW, owner_source="hand", plan="soon"
        )
        give(finding, owner)
        row = Treatment.objects.get(finding=finding)
        assert (row.owner, row.owner_source, row.plan, row.attested_met) == (auditor, "hand", "soon", True)


def test_a_second_attestation_replaces_the_first(tenant: Tenant, owner: Person) -> None:
    with tenant_scope(tenant.pk):
        finding = manual(tenant)
        first = give(finding, owner)
        second = give(finding, owner, met=False, days=30, now=NOW + DAY)
        assert shown(finding, NOW + DAY) == "not_met"
        assert list(answers_of(finding)) == [second, first]
        first.refresh_from_db()
        assert (first.withdrawn_at, first.lapsed_at) == (None, None)
        latest = TreatmentEvent.objects.filter(finding=finding).first()
        assert latest is not None
        assert latest.before == "Met, valid until 2027-02-23"
        with pytest.raises(WrongState, match="newer attestation"):
            take_back(first, owner, NOW + DAY)


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"statement": " \n"}, "statement", "Describe what"),
        ({"statement": "x" * 10_001}, "statement", "at most 10,000"),
        ({"days": 0}, "valid_until", "in the future"),
        ({"days": -1}, "valid_until", "in the future"),
        ({"days": 366.0001}, "valid_until", "at most 366 days"),
    ],
    ids=["blank", "long", "ends now", "ended", "too far"],
)
def test_invalid_attestations_are_refused(
    tenant: Tenant, owner: Person, given: dict[str, Any], field: str, says: str
) -> None:
    with tenant_scope(tenant.pk):
        finding = manual(tenant)
        with pytest.raises(InvalidInput, match=says) as caught:
            give(finding, owner, **given)
        assert list(caught.value.fields) == [field]
        assert not Attestation.objects.exists()
        assert shown(finding) == "manual"
        assert actions_of(tenant) == []


def test_the_longest_period_is_accepted(tenant: Tenant, owner: Person) -> None:
    with tenant_scope(tenant.pk):
        assert give(manual(tenant), owner, days=366).valid_until == NOW + 366 * DAY


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"outcome": "pass", "state": "passing"}, "pass"),
        ({"outcome": "fail", "state": "open", "failing_since": NOW}, "fail"),
        ({"outcome": "unknown", "state": "unknown", "unknown_because": "forbidden"}, "unknown"),
        ({"state": "gone", "gone_at": NOW}, "no longer exists"),
    ],
    ids=["passes", "fails", "unknown", "gone"],
)
def test_only_manual_findings_can_be_attested(
    tenant: Tenant, owner: Person, fields: dict[str, Any], says: str
) -> None:
    with tenant_scope(tenant.pk):
        finding = manual(tenant, **fields)
        with pytest.raises(NotManual, match=says):
            give(finding, owner)
        assert not Treatment.objects.exists()


def test_withdrawing_restores_the_previous_attestation(tenant: Tenant, owner: Person) -> None:
    with tenant_scope(tenant.pk):
        finding = manual(tenant)
        first = give(finding, owner)
        second = give(finding, owner, met=False, now=NOW + DAY)
        take_back(second, owner, NOW + DAY, "Wrong directory.")
        assert shown(finding, NOW + DAY) == "attested"
        take_back(first, owner, NOW + 2 * DAY)
        assert shown(finding, NOW + DAY) == "manual"
        treatment = Treatment.objects.get(finding=finding)
        assert (treatment.attestation, treatment.attested_met, treatment.attested_until) == (None, None, None)
        with pytest.raises(WrongState, match="already"):
            take_back(first, owner, NOW + 2 * DAY)
        assert kinds(finding) == ["attested", "attested", "attestation_withdrawn", "attestation_withdrawn"]
        lines = TreatmentEvent.objects.filter(kind="attestation_withdrawn").order_by("id")
        assert [(line.before[:7], line.after[:10], line.note) for line in lines] == [
            ("Not met", "Met, valid", "Wrong directory."),
            ("Met, va", "Not attest", ""),
        ]
        assert actions_of(tenant) == ["attestation.given"] * 2 + ["attestation.withdrawn"] * 2


def test_an_expired_attestation_cannot_be_withdrawn(tenant: Tenant, owner: Person) -> None:
    with tenant_scope(tenant.pk):
        finding = manual(tenant)
        given = give(finding, owner, days=1)
        with pytest.raises(WrongState, match="expired"):
            take_back(given, owner, NOW + DAY)
        assert shown(finding, NOW + DAY) == "lapsed"


def test_expiry_is_announced_once_to_respondent_and_owner(
    tenant: Tenant, owner: Person, auditor: Person
) -> None:
    with tenant_scope(tenant.pk):
        finding = manual(tenant)
        Treatment.objects.create(
            tenant=tenant, finding=finding, owner=auditor, owned_at=NOW, owner_source="hand"
        )
        given = give(finding, owner, days=10)
        give(manual(tenant, 1), owner, days=100)
        end = NOW + 10 * DAY
        assert lapse_expired(tenant=tenant, now=end - timedelta(seconds=1)) == 0
        assert lapse_expired(tenant=tenant, now=end) == 1
        assert lapse_expired(tenant=tenant, now=end + DAY) == 0
        given.refresh_from_db()
        assert given.lapsed_at == end
        assert kinds(finding) == ["attested", "attestation_lapsed"]
        told = Notice.objects.filter(kind="attestation_lapsed")
        assert {notice.person_id for notice in told} == {owner.pk, auditor.pk}
        assert {notice.path for notice in told} == {f"/t/{tenant.slug}/attestations/{finding.pk}/"}
        assert actions_of(tenant)[-1] == "attestation.lapsed"
        assert verify(tenant) == []


@pytest.mark.parametrize(
    ("days", "before_end", "told"),
    [(90, 14, 1), (90, 15, 0), (20, 5, 1), (20, 6, 0), (1, 1, 0)],
    ids=["14 days", "15 days", "short: last quarter", "short: before it", "just given"],
)
def test_the_coming_end_is_announced_once(
    tenant: Tenant, owner: Person, days: int, before_end: int, told: int
) -> None:
    with tenant_scope(tenant.pk):
        given = give(manual(tenant), owner, days=days)
        moment = given.valid_until - before_end * DAY
        lapse_expired(tenant=tenant, now=moment)
        lapse_expired(tenant=tenant, now=moment + timedelta(minutes=1))
        assert Notice.objects.filter(kind="attestation_due").count() == told


@pytest.mark.parametrize(
    "fields", [{"outcome": "pass", "state": "passing"}, {"gone_at": NOW, "state": "gone"}]
)
def test_attestations_of_findings_no_longer_manual_do_not_expire(
    tenant: Tenant, owner: Person, fields: dict[str, Any]
) -> None:
    with tenant_scope(tenant.pk):
        finding = manual(tenant)
        give(finding, owner, days=1)
        Finding.objects.filter(pk=finding.pk).update(**fields)
        assert lapse_expired(tenant=tenant, now=NOW + 2 * DAY) == 0
        assert not Notice.objects.exists()


def test_replaced_or_withdrawn_attestations_do_not_expire(tenant: Tenant, owner: Person) -> None:
    with tenant_scope(tenant.pk):
        replaced, withdrawn = manual(tenant, 1), manual(tenant, 2)
        give(replaced, owner, days=2)
        taken = give(withdrawn, owner, days=2)
        give(replaced, owner, days=50, now=NOW + DAY)
        take_back(taken, owner, NOW + DAY)
        assert lapse_expired(tenant=tenant, now=NOW + 3 * DAY) == 0


def test_manual_findings_are_ordered_by_urgency(tenant: Tenant, owner: Person, auditor: Person) -> None:
    with tenant_scope(tenant.pk):
        rows = {name: manual(tenant, number) for number, name in enumerate(
            ["valid", "ending", "not met", "never", "lapsed", "edge", "changed", "both"]
        )}  # fmt: skip
        give(rows["valid"], owner, days=90)
        give(rows["edge"], owner, days=30)
        give(rows["changed"], owner, days=80)
        give(rows["both"], owner, days=10)
        changed = [rows["changed"].pk, rows["both"].pk]
        Finding.objects.filter(pk__in=changed).update(observed_sha256="b" * 64)
        give(rows["ending"], owner, days=29)
        give(rows["not met"], owner, days=90, met=False)
        give(rows["lapsed"], owner, days=5, now=NOW - 5 * DAY)
        Treatment.objects.filter(finding=rows["edge"]).update(owner=owner, owned_at=NOW, owner_source="hand")
        manual(tenant, 50, outcome="pass", state="passing")
        manual(tenant, 51, gone_at=NOW, state="gone")
    with person_scope(auditor):
        seen = with_standing(manual_findings(tenant), NOW)
        assert list(seen.values_list("pk", "standing")) == [
            (rows["lapsed"].pk, "lapsed"),
            (rows["never"].pk, "never"),
            (rows["not met"].pk, "not_met"),
            (rows["both"].pk, "ending"),
            (rows["ending"].pk, "ending"),
            (rows["edge"].pk, "ending"),
            (rows["changed"].pk, "changed"),
            (rows["valid"].pk, "valid"),
        ]
        # Results of automatic checks may change daily, so “changed” alone does not require a new answer.
        assert seen.filter(standing__in=NEEDS_ANSWER_STANDINGS).count() == 6
        assert count_by_standing(seen) == {
            "lapsed": 1, "never": 1, "not_met": 1, "ending": 3, "changed": 1, "valid": 1,
        }  # fmt: skip
    with person_scope(owner):
        assert [row.pk for row in manual_findings(tenant)] == [rows["edge"].pk]


def test_files_are_stored_with_the_attestation(tenant: Tenant, owner: Person) -> None:
    with tenant_scope(tenant.pk):
        given = give(
            manual(tenant), owner, files=[ContentFile(b"name,checked\nana,yes\n", name="guests.csv")]
        )
        kept = EvidenceFile.objects.get(attestation=given)
        assert (kept.name, kept.uploaded_by) == ("guests.csv", owner)
        entry = entries(tenant).last()
        assert entry is not None
        assert entry.details["files"] == [kept.sha256]


def test_the_database_refuses_a_finding_of_another_tenant(tenant: Tenant, owner: Person) -> None:
    other = factories.tenant()
    with tenant_scope(tenant.pk):
        finding = manual(tenant)
    with tenant_scope(other.pk), pytest.raises(Finding.DoesNotExist):
        give(finding, owner)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM treatment_attestation")
        assert cursor.fetchone() == (0,)


def test_a_bound_attestation_ends_when_the_observed_value_changes(tenant: Tenant, owner: Person) -> None:
    with tenant_scope(tenant.pk):
        bound = manual(tenant, 1, control="identity-guests-needed")
        free = manual(tenant, 2)
        for row in (bound, free):
            give(row, owner, days=80)
        assert {row.shown for row in Finding.objects.annotate(shown=shown_state(NOW))} == {"attested"}
        Finding.objects.update(observed_sha256="b" * 64)
        found = {row.pk: row.shown for row in Finding.objects.annotate(shown=shown_state(NOW))}
        assert found == {bound.pk: "manual", free.pk: "attested"}
    with person_scope(factories.member(Role.TENANT_ADMINISTRATOR, tenant)):
        standing = {row.pk: row.standing for row in with_standing(manual_findings(tenant), NOW)}
        assert standing == {bound.pk: "reopened", free.pk: "changed"}
        due = with_standing(manual_findings(tenant), NOW).filter(standing__in=NEEDS_ANSWER_STANDINGS)
        assert [row.pk for row in due] == [bound.pk]
    with tenant_scope(tenant.pk):
        for value in ("b", "b", "c"):
            Finding.objects.update(observed_sha256=value * 64)
            assert lapse_expired(tenant=tenant, now=NOW) == 0
        notice = Notice.objects.get()
        assert (notice.person, notice.finding, notice.kind) == (owner, bound, "attestation_lapsed")
        assert "no longer valid" in notice.title
        give(Finding.objects.get(pk=bound.pk), owner, days=80)
        assert Finding.objects.annotate(shown=shown_state(NOW)).get(pk=bound.pk).shown == "attested"
        assert lapse_expired(tenant=tenant, now=NOW) == 0
