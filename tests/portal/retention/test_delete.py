"""Only one function of the database can delete old data, and it checks policy, minimum, hold and citations itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from assessments.models import (
    ActivityEvent,
    ActivityReading,
    Assessment,
    EvidenceItem,
    FindingChange,
    ResourceVersion,
    Unit,
)
from portal.changes.models import ChangeText, ResourceChange, ReviewEvent
from portal.distribution.models import ReportLink
from portal.offboarding.models import CustomerExport
from portal.reports.models import Report
from portal.retention.actions.holds import lift_hold, place_hold
from portal.retention.actions.policy import set_periods
from portal.retention.kinds import CUSTOMER_KINDS, KINDS
from portal.retention.models import LegalHold, OrganizationRetentionRule, RetentionRule
from tenants.models import JournalEntry, OrganizationJournalEntry
from tests import factories
from tests.factories import BY
from tests.portal.retention.customers import Customer, sha

pytestmark = pytest.mark.django_db
TABLES: list[type[Any]] = [EvidenceItem, ResourceVersion, FindingChange, Assessment, Unit, Report]


@pytest.fixture
def customer(db: None) -> Customer:
    return Customer()


def old_data(customer: Customer, days: float = 3000) -> None:
    """Add one deletable row of each kind, and rows that are kept."""
    c = customer
    first = c.assessment(1, days, ["old"])
    for number in (2, 3, 4):
        c.assessment(number, days - number, ["last"])
    c.document("old", days)
    c.document("last", days)
    finding = c.finding(1)
    for ran, (before, after) in zip(
        [first, *_assessments(c)[1:3]], [("", "fail"), ("fail", "pass"), ("pass", "fail")], strict=True
    ):
        c.change(finding, ran, before, after)
    c.resource("a", [days - 10, days - 11], first)
    c.report(1, days - 20, _assessments(c)[3])
    c.report(2, days - 21, _assessments(c)[3])


def _assessments(customer: Customer) -> list[Assessment]:
    with factories.in_tenant(customer.tenant):
        return list(Assessment.objects.order_by("number"))


def counts(customer: Customer) -> dict[str, int]:
    with factories.in_tenant(customer.tenant):
        return {model.__name__: model.objects.count() for model in TABLES}


@pytest.mark.parametrize("kind", [kind.key for kind in CUSTOMER_KINDS])
def test_function_deletes_what_nothing_cites(customer: Customer, kind: str) -> None:
    old_data(customer)
    old = customer.rows(kind, KINDS[kind].default)
    wanted = [row for row, cited in old.items() if not cited]
    if kind == "assessments":
        assert wanted == []  # Assessment 1 is kept as long as its changes are stored.
        assert customer.delete("changes", 1100) == 2
        wanted = [row for row, cited in customer.rows(kind, 1100).items() if not cited]
    assert wanted
    before = counts(customer)
    assert customer.delete(kind, KINDS[kind].default) == len(wanted)
    assert customer.delete(kind, KINDS[kind].default) == 0
    table = {
        "evidence": "EvidenceItem", "versions": "ResourceVersion", "changes": "FindingChange",
        "assessments": "Assessment", "reports": "Report",
    }[kind]  # fmt: skip
    expected = {**before, table: before[table] - len(wanted)}
    if kind == "assessments":
        expected["Unit"] -= len(wanted)
    assert counts(customer) == expected


def test_links_are_deleted_with_their_report_and_others_stay(customer: Customer) -> None:
    old_data(customer)
    with factories.in_tenant(customer.tenant):
        for number in (1, 2):
            ReportLink.objects.create(
                tenant=customer.tenant,
                report_number=number,
                recipient=f"auditor{number}@example.com",
                token_hash=f"{number:064}",
                expires_at=customer.now + timedelta(days=1),
            )
    assert customer.delete("reports", KINDS["reports"].default) == 1
    with factories.in_tenant(customer.tenant):
        (kept,) = Report.objects.values_list("number", flat=True)
        assert list(ReportLink.objects.values_list("report_number", flat=True)) == [kept]


def test_a_batch_has_a_limit(customer: Customer) -> None:
    for number in range(5):
        customer.document(f"{number}", 500)
    assert [customer.delete("evidence", 400, 2) for _ in range(4)] == [2, 2, 1, 0]


def refused(customer: Customer, kind: str, days: float) -> str:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        customer.delete(kind, days)
    return str(caught.value.__cause__.diag.constraint_name)


@pytest.mark.parametrize("kind", [kind.key for kind in CUSTOMER_KINDS])
def test_function_refuses_newer_data_than_policy_and_minimum_permit(customer: Customer, kind: str) -> None:
    default, minimum = KINDS[kind].default, KINDS[kind].minimum
    assert refused(customer, kind, default - 0.01) == "retention_floor"
    assert refused(customer, kind, minimum) == "retention_floor"
    with factories.in_tenant(customer.tenant):
        set_periods(tenant=customer.tenant, by=BY, wanted={kind: "keep"})
    assert refused(customer, kind, default * 10) == "retention_floor"


def test_function_refuses_other_kinds(customer: Customer) -> None:
    for kind in ("notices", "sessions", "journal"):
        assert refused(customer, kind, 3000) == "retention_floor"


def test_nothing_is_deleted_on_hold_and_for_seven_days_after_it(customer: Customer) -> None:
    old_data(customer)
    with factories.in_tenant(customer.tenant):
        place_hold(tenant=customer.tenant, by=BY, reason="Litigation 4711")
    assert refused(customer, "evidence", 400) == "retention_on_hold"
    with factories.in_tenant(customer.tenant):
        lift_hold(tenant=customer.tenant, by=BY, reason="Settled")
    assert refused(customer, "evidence", 400) == "retention_on_hold"


def test_nothing_is_deleted_while_an_export_or_report_is_written(customer: Customer) -> None:
    old_data(customer)
    with factories.in_tenant(customer.tenant):
        export = CustomerExport.objects.create(tenant=customer.tenant)
    assert refused(customer, "evidence", 400) == "retention_busy"
    with factories.in_tenant(customer.tenant):
        rows: Any = CustomerExport.objects.filter(pk=export.pk)
        rows.update(state="cancelled")
    report = customer.report(3, 0, _assessments(customer)[0], state="building", file="", sha256="", size=0)
    assert refused(customer, "evidence", 400) == "retention_busy"
    with factories.in_tenant(customer.tenant):
        Report.objects.filter(pk=report.pk).update(state="failed", error="Failed.")
    customer.report(4, 2, _assessments(customer)[0], state="building", file="", sha256="", size=0)
    assert customer.delete("evidence", 400) > 0


def test_other_customers_are_untouched(customer: Customer) -> None:
    other = Customer()
    old_data(customer)
    old_data(other)
    before = counts(other)
    for kind in CUSTOMER_KINDS:
        customer.delete(kind.key, kind.default)
    assert counts(other) == before
    with factories.in_tenant(customer.tenant), connection.cursor() as cursor:
        cursor.execute(
            "SELECT deleted_rows FROM retention_delete(%s, 'evidence', %s, 100)",
            [other.tenant.pk, other.at(500)],
        )
        assert cursor.fetchone() == (0,)
    assert counts(other) == before


@pytest.mark.parametrize(
    "model",
    [*TABLES, ActivityEvent, ActivityReading, LegalHold, RetentionRule, OrganizationRetentionRule],
    ids=str,
)
def test_application_cannot_delete_rows_without_the_function(customer: Customer, model: type[Any]) -> None:
    old_data(customer)
    with (
        pytest.raises(ProgrammingError),
        factories.in_tenant(customer.tenant),
        connection.cursor() as cursor,
    ):
        # `retention_delete` sets `surety.retention` too, but this setting alone permits no deletion. A trigger protects
        # FindingChange rows of ended assessments. The application’s role may not delete from the other tables.
        cursor.execute(
            f"SELECT set_config('surety.retention', 'on', true); DELETE FROM {model._meta.db_table}"
        )


@pytest.mark.parametrize("model", [RetentionRule, OrganizationRetentionRule], ids=str)
def test_application_cannot_change_a_decision(customer: Customer, model: type[Any]) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        factories.in_tenant(customer.tenant),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE {model._meta.db_table} SET days = 90, effective_at = now()")


def test_journal_is_never_deleted(customer: Customer) -> None:
    for model in (JournalEntry, OrganizationJournalEntry):
        with (
            pytest.raises(ProgrammingError),
            factories.in_tenant(customer.tenant),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")


HOLDS: dict[str, str] = {
    "another reason": "UPDATE retention_legalhold SET reason = 'x'",
    "lifted in the past": (
        "UPDATE retention_legalhold SET lifted_at = '2000-01-01', lift_reason = 'x' RETURNING lifted_at > '2026-01-01'"
    ),
    "placed in the past": (
        "UPDATE retention_legalhold SET placed_at = '2000-01-01', lifted_at = now(), lift_reason = 'x'"
    ),
}


@pytest.mark.parametrize("attack", HOLDS)
def test_a_hold_is_lifted_only_now(customer: Customer, attack: str) -> None:
    with factories.in_tenant(customer.tenant):
        place_hold(tenant=customer.tenant, by=BY, reason="Litigation")
    if attack == "lifted in the past":
        with factories.in_tenant(customer.tenant), connection.cursor() as cursor:
            cursor.execute(HOLDS[attack])
            assert cursor.fetchone() == (True,)
        return
    with (
        pytest.raises(IntegrityError, match="retention_guard_hold"),
        factories.in_tenant(customer.tenant),
        connection.cursor() as cursor,
    ):
        cursor.execute(HOLDS[attack])


def test_evidence_that_a_verdict_cites_after_the_listing_is_kept(customer: Customer) -> None:
    """The database function checks citations again, because a verdict may cite evidence after the listing."""
    c = customer
    item = c.document("old", 500)
    assert c.rows("evidence", 400)[item.pk] == ""
    c.finding(1, evidence=["old"])
    assert c.delete("evidence", 400) == 0


@pytest.mark.parametrize("kind", ["evidence", "changes"])
def test_assessments_without_their_details_are_marked(customer: Customer, kind: str) -> None:
    """Assessment 3 keeps its details: pages need its evidence, and it found the oldest change that remains."""
    old_data(customer)
    customer.delete(kind, KINDS[kind].default)
    assert [row.number for row in _assessments(customer) if row.details_deleted_at] == [1, 2]
    with factories.in_tenant(customer.tenant):
        units = Unit.objects.filter(manifest__isnull=True, assessment__number__lte=4)
        assert sorted(units.values_list("assessment__number", flat=True)) == (
            [1, 2] if kind == "evidence" else []
        )


def test_shared_hashes_are_compared_per_customer(customer: Customer) -> None:
    other = Customer()
    customer.document("same", 500)
    other.document("same", 500)
    other.finding(1, evidence=["same"])
    assert sha("same")
    assert customer.delete("evidence", 400) == 1
    assert other.delete("evidence", 400) == 0


def test_functions_are_not_public(customer: Customer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.prosecdef, EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0)"
            " FROM pg_proc p WHERE p.proname IN ('retention_delete', 'retention_delete_activity')"
        )
        assert cursor.fetchall() == [(True, False), (True, False)]


def activity(customer: Customer, *ages: float) -> None:
    with factories.in_tenant(customer.tenant):
        for days in ages:
            at = customer.at(days)
            ActivityEvent.objects.create(
                tenant=customer.tenant, unit="/subscriptions/1", event_id=str(days), at=at, resource_id="/x",
                operation="x/write", status="Succeeded", actor_kind="person",
            )  # fmt: skip
            ActivityReading.objects.create(
                tenant=customer.tenant, unit="/subscriptions/1", since=at - timedelta(days=1), until=at
            )


def ages(customer: Customer) -> list[int]:
    with factories.in_tenant(customer.tenant):
        found = [
            sorted((customer.now - at).days for at in model.objects.values_list(column, flat=True))
            for model, column in ((ActivityEvent, "at"), (ActivityReading, "until"))
        ]
    assert found[0] == found[1]
    return found[0]


def delete_activity(by: Customer, of: Customer, days: float, limit: int = 100) -> tuple[Any, ...]:
    with factories.in_tenant(by.tenant), connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM retention_delete_activity(%s, %s, %s)", [of.tenant.pk, of.at(days), limit]
        )
        return tuple(cursor.fetchone())


def test_function_deletes_only_old_activity_of_the_customer(customer: Customer) -> None:
    other = Customer()
    for one in (customer, other):
        activity(one, 1, 399, 500, 600)
    assert delete_activity(customer, other, 450) == (0, None)
    with pytest.raises(IntegrityError, match="retention_floor"), transaction.atomic():
        delete_activity(customer, customer, 399)
    assert ages(customer) == [1, 399, 500, 600]
    assert delete_activity(customer, customer, 450) == (2, customer.at(600))
    assert (ages(customer), ages(other)) == ([1, 399], [1, 399, 500, 600])
    with factories.in_tenant(other.tenant):
        place_hold(tenant=other.tenant, reason="A claim", by=other.administrator)
    with pytest.raises(IntegrityError, match="retention_on_hold"), transaction.atomic():
        delete_activity(other, other, 450)
    assert ages(other) == [1, 399, 500, 600]


def test_recorded_changes_go_with_the_activity_unless_they_need_work(customer: Customer) -> None:
    other = Customer()
    for one in (customer, other):
        with factories.in_tenant(one.tenant):
            for number, (days, state) in enumerate([(500, "expected"), (500, "waiting"), (500, ""), (1, "")]):
                change = ResourceChange.objects.create(
                    tenant=one.tenant,
                    key=str(number) * 64,
                    kind="operation",
                    at=one.at(days),
                    azure_id=f"/X/{state}",
                    actors=[f"person-{state}-{days}"],
                    name="x",
                    unit="/subscriptions/1",
                    state=state,
                    severity="high" if state else "",
                )
                ReviewEvent.objects.create(tenant=one.tenant, change=change, at=one.now, kind="caught")
    delete_activity(customer, customer, 450)
    for one, left in ((customer, ["", "waiting"]), (other, ["", "", "expected", "waiting"])):
        with factories.in_tenant(one.tenant):
            assert sorted(ResourceChange.objects.values_list("state", flat=True)) == left
            assert ReviewEvent.objects.count() == len(left)
            texts = set(ChangeText.objects.values_list("text", flat=True))
            rows = ResourceChange.objects.values_list("azure_id", "actors")
            assert texts == {
                text for azure_id, (actor,) in rows for text in (azure_id.lower(), f"\n{actor}\n")
            }
            assert len(texts) == (4 if one is customer else 7)
