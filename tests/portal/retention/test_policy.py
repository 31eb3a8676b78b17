"""Retention policies: when decisions take effect, who is notified, legal holds, and the command `retention`."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection
from django.utils import timezone

from portal.notify.models import Notice
from portal.retention import tasks
from portal.retention.actions.holds import lift_hold, place_hold
from portal.retention.actions.policy import announce_pending, set_organization_periods, set_periods
from portal.retention.kinds import CUSTOMER_KINDS, KINDS
from portal.retention.models import OrganizationRetentionRule, RetentionRule
from portal.retention.selectors import (
    days_in_effect,
    ending_hold,
    hold_of,
    organization_days,
    pending_rules,
    periods,
)
from tenants.errors import Conflict, InvalidInput
from tenants.models import JournalEntry, OrganizationJournalEntry, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.portal.retention.customers import make_effective

WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def tenant(db: None) -> Tenant:
    return factories.tenant()


def days(tenant: Tenant, kind: str = "evidence", *, later: timedelta = timedelta()) -> Any:
    with factories.in_tenant(tenant), connection.cursor() as cursor:
        cursor.execute(
            "SELECT retention_days(%s, %s, clock_timestamp() + make_interval(secs => %s))",
            [tenant.pk, kind, later.total_seconds()],
        )
        return cursor.fetchone()[0]


def decide(tenant: Tenant, value: int | str, kind: str = "evidence") -> None:
    with factories.in_tenant(tenant):
        set_periods(tenant=tenant, by=BY, wanted={kind: value})


def decide_default(tenant: Tenant, value: int | str, kind: str = "evidence") -> None:
    with organization_scope(tenant.organization_id):
        set_organization_periods(organization=tenant.organization, by=BY, wanted={kind: value})


def timeline(tenant: Tenant) -> list[Any]:
    """Return the days for which data is kept: now, one minute before a week has passed, and one minute after."""
    return [days(tenant, later=later) for later in (timedelta(), WEEK - MINUTE, WEEK + MINUTE)]


CASES: dict[str, tuple[list[int | str], list[int | None]]] = {
    "default": ([], [400, 400, 400]),
    "longer": ([500], [500, 500, 500]),
    "keep": (["keep"], [None, None, None]),
    "shorter": ([100], [400, 400, 100]),
    "shorter than a longer one": ([500, 450], [500, 500, 450]),
    "from keep to days": (["keep", 3000], [None, None, 3000]),
    "back before it takes effect": ([100, 400], [400, 400, 400]),
    "back to the default before it takes effect": ([100, "default"], [400, 400, 400]),
    "two shorter ones": ([100, 200], [400, 400, 200]),
    "two shorter ones, the second one shorter": ([200, 100], [400, 400, 100]),
    "to the default, which is shorter": ([500, "default"], [500, 500, 400]),
}


@pytest.mark.parametrize("case", CASES)
def test_shorter_periods_take_effect_after_seven_days(tenant: Tenant, case: str) -> None:
    decisions, expected = CASES[case]
    for value in decisions:
        decide(tenant, value)
    assert timeline(tenant) == expected


@pytest.mark.parametrize("case", CASES)
def test_defaults_of_an_organization_too(tenant: Tenant, case: str) -> None:
    decisions, expected = CASES[case]
    other = factories.tenant(tenant.organization)
    decide(other, 3650)
    foreign = factories.tenant()
    for value in decisions:
        decide_default(tenant, value)
    assert timeline(tenant) == expected
    assert timeline(other) == [3650] * 3
    assert timeline(foreign) == [400] * 3


def test_replaced_decision_never_takes_effect(tenant: Tenant) -> None:
    """The decision for 100 days would take effect before the decision for 200 days, but the latter has replaced it."""
    decide(tenant, 100)
    with factories.in_tenant(tenant):
        row = RetentionRule.objects.get()
        decided, effective = row.decided_at, row.effective_at
    assert effective - decided == WEEK
    decide(tenant, 200)
    with factories.in_tenant(tenant), connection.cursor() as cursor:
        cursor.execute(
            "SELECT retention_days(%s, 'evidence', %s)", [tenant.pk, effective + timedelta(microseconds=1)]
        )
        assert cursor.fetchone() == (400,)


def test_following_a_default_that_is_shorter(tenant: Tenant) -> None:
    decide(tenant, 500)
    decide_default(tenant, 450)
    assert timeline(tenant) == [500] * 3
    decide(tenant, "default")
    assert timeline(tenant) == [500, 500, 450]


SQL_ATTACKS = {
    "in effect at once": "{id}, {tenant}, 'evidence', 'days', 90, now() - interval '1 year', now() - interval '1 year'",
    "decided in the future": "{id}, {tenant}, 'evidence', 'days', 90, now() + interval '1 year', now()",
}


@pytest.mark.parametrize("attack", SQL_ATTACKS)
def test_sql_of_the_application_cannot_shorten_a_period_at_once(tenant: Tenant, attack: str) -> None:
    values = SQL_ATTACKS[attack].format(id="gen_random_uuid()", tenant=f"'{tenant.pk}'")
    with factories.in_tenant(tenant), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO retention_retentionrule (id, tenant_id, kind, mode, days, decided_at, effective_at)"
            f" VALUES ({values})"
        )
    assert timeline(tenant) == [400, 400, 90]


@pytest.mark.parametrize("kind", KINDS)
def test_minimum_is_enforced_by_action_and_database(tenant: Tenant, kind: str) -> None:
    low = KINDS[kind].minimum - 1
    with pytest.raises(InvalidInput, match="a whole number of days"):
        decide_default(tenant, low, kind)
    with organization_scope(tenant.organization_id), pytest.raises(IntegrityError, match="below the minimum"):
        OrganizationRetentionRule.objects.create(
            organization=tenant.organization, kind=kind, mode="days", days=low, decided_at=timezone.now(),
            effective_at=timezone.now(),
        )  # fmt: skip


@pytest.mark.parametrize(
    "value", ["", "x", "-5", "89", "36501", "1e3", "٩٩٩", "99999999999999999999", "400.5"]
)
def test_unusable_values(tenant: Tenant, value: str) -> None:
    with pytest.raises(
        InvalidInput, match=r"Evidence: enter a whole number of days from 90 to 36500, “keep” or “default”"
    ):
        decide(tenant, value)


def test_customers_cannot_set_kinds_of_the_organization(tenant: Tenant) -> None:
    with pytest.raises(InvalidInput):
        decide(tenant, 400, "sessions")


def test_changes_are_in_the_journals(tenant: Tenant) -> None:
    decide(tenant, 100)
    decide(tenant, 100)
    decide_default(tenant, 500)
    with organization_scope(tenant.organization_id):
        own = JournalEntry.objects.get(action="retention.changed")
        theirs = OrganizationJournalEntry.objects.get(action="retention.changed")
    assert own.details["evidence"]["before"] == "default"
    assert own.details["evidence"]["after"] == "100"
    assert theirs.details["evidence"]["after"] == "500"


def test_somebody_else_has_changed_the_period(tenant: Tenant) -> None:
    decide(tenant, 500)
    with (
        factories.in_tenant(tenant),
        pytest.raises(Conflict, match="Somebody else has changed these values"),
    ):
        set_periods(tenant=tenant, by=BY, wanted={"evidence": "600"}, expected={"evidence": "default"})


@pytest.mark.slow(seconds=1)
def test_administrators_are_notified_once_whoever_shortens_a_period(tenant: Tenant) -> None:
    organization = tenant.organization
    other = factories.tenant(organization)
    own = factories.tenant(organization)
    decide(own, 3000)
    admin = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    customer_admin = factories.member(Role.TENANT_ADMINISTRATOR, other)
    factories.member(Role.ORGANIZATION_ENGINEER, organization)
    decide(tenant, 100, "versions")
    decide(tenant, 3000, "reports")
    decide_default(tenant, 100)

    def announced(place: Tenant) -> list[tuple[str, str]]:
        tasks.announce(str(place.pk))
        tasks.announce(str(place.pk))
        with factories.in_tenant(place):
            rows = Notice.objects.filter(kind="retention_shortened").order_by("title")
            return [(row.person.email, row.title) for row in rows.select_related("person")]

    since = f"From {timezone.now() + WEEK:%Y-%m-%d} on"
    assert announced(tenant) == [
        (
            admin.email,
            f"{since}, evidence of customers without a policy of their own will be deleted after 100 days",
        ),
        (admin.email, f"{since}, resource versions of {tenant.name} will be deleted after 100 days"),
    ]
    assert [email for email, _ in announced(other)] == [customer_admin.email]
    assert announced(own) == []


def test_administrators_are_notified_of_a_default_that_does_not_apply_to_the_first_customers(
    tenant: Tenant,
) -> None:
    organization = tenant.organization
    decide(tenant, 3000)
    archived, last = factories.tenant(organization), factories.tenant(organization)
    with organization_scope(organization):
        Tenant.objects.filter(pk=archived.pk).update(archived_at=timezone.now())
    admin = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    customer_admin = factories.member(Role.TENANT_ADMINISTRATOR, last)
    decide_default(tenant, 100)
    for place in (tenant, archived, last):
        tasks.announce(str(place.pk))
    with organization_scope(organization):
        rows = Notice.objects.filter(kind="retention_shortened")
        assert {(row.person, row.tenant_id) for row in rows} == {(admin, last.pk), (customer_admin, last.pk)}


def test_administrators_are_notified_once_of_a_lifted_hold(tenant: Tenant) -> None:
    """An administrator of the customer can lift a hold that the organization has placed, so administrators of both are
    notified.
    """
    admin = factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
    customer_admin = factories.member(Role.TENANT_ADMINISTRATOR, tenant)

    def announced() -> list[tuple[str, str]]:
        with factories.in_tenant(tenant):
            announce_pending(tenant=Tenant.objects.get(pk=tenant.pk))
            announce_pending(tenant=Tenant.objects.get(pk=tenant.pk))
            rows = Notice.objects.filter(kind="retention_shortened").order_by("person__email")
            return [(row.person.email, row.title) for row in rows.select_related("person")]

    with factories.in_tenant(tenant):
        place_hold(tenant=tenant, by=BY, reason="Litigation 4711")
    assert announced() == []
    with factories.in_tenant(tenant):
        lift_hold(tenant=tenant, by=customer_admin, reason="Settled")
        assert ending_hold(tenant) is not None, "then the tick announces the hold, whoever lifted it"
    title = f"The legal hold of {tenant.name} ends on {timezone.now() + WEEK:%Y-%m-%d}"
    expected = [(email, title) for email in sorted([admin.email, customer_admin.email])]
    assert announced() == expected
    with factories.in_tenant(tenant):
        place_hold(tenant=tenant, by=BY, reason="Again")
        assert ending_hold(tenant) is None
    assert announced() == expected


def test_administrators_are_notified_of_a_lifted_hold_of_an_archived_customer(tenant: Tenant) -> None:
    admin = factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
    with factories.in_tenant(tenant):
        Tenant.objects.filter(pk=tenant.pk).update(archived_at=timezone.now())
        place_hold(tenant=tenant, by=BY, reason="Litigation 4711")
        lift_hold(tenant=tenant, by=BY, reason="Settled")
    tasks.announce(str(tenant.pk))
    with factories.in_tenant(tenant):
        assert [row.person for row in Notice.objects.filter(kind="retention_shortened")] == [admin]


def test_periods_show_what_is_pending(tenant: Tenant) -> None:
    decide(tenant, 100)
    with factories.in_tenant(tenant):
        found = {period.kind.key: period for period in periods(tenant, CUSTOMER_KINDS)}
        assert found["evidence"].days == 400
        assert found["evidence"].chosen == "100"
        assert found["evidence"].pending is not None
        assert found["versions"].pending is None
        assert [rule.kind for rule in pending_rules(tenant)] == ["evidence"]
        assert days_in_effect(tenant.pk, ["evidence"]) == {"evidence": 400}


@pytest.mark.django_db(transaction=True)
def test_after_seven_days_the_shorter_period_is_in_effect() -> None:
    tenant = factories.tenant()
    decide(tenant, 100)
    decide_default(tenant, 200, "versions")
    assert (days(tenant), days(tenant, "versions")) == (400, 400)
    make_effective()
    assert (days(tenant), days(tenant, "versions")) == (100, 200)
    with organization_scope(tenant.organization_id):
        assert organization_days(tenant.organization_id, ["versions"]) == {"versions": 200}
    with factories.in_tenant(tenant):
        assert pending_rules(tenant) == []


def test_customer_cannot_write_the_default_of_its_organization(tenant: Tenant) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        factories.in_tenant(tenant),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO retention_organizationretentionrule"
            " (id, organization_id, kind, mode, days, decided_at, effective_at)"
            " VALUES (gen_random_uuid(), %s, 'evidence', 'days', 5000, now(), now())",
            [tenant.organization_id],
        )


def test_holds(tenant: Tenant) -> None:
    with factories.in_tenant(tenant):
        with pytest.raises(Conflict, match="not on legal hold"):
            lift_hold(tenant=tenant, by=BY, reason="x")
        for reason in ("", " \n", "x" * 501):
            with pytest.raises(InvalidInput):
                place_hold(tenant=tenant, by=BY, reason=reason)
        assert hold_of(tenant) is None
        placed = place_hold(tenant=tenant, by=BY, reason="Litigation")
        with pytest.raises(Conflict, match="already on legal hold"):
            place_hold(tenant=tenant, by=BY, reason="Litigation")
        assert hold_of(tenant) == placed
        lift_hold(tenant=tenant, by=BY, reason="Settled")
        assert hold_of(tenant) == placed
        assert hold_of(tenant, timezone.now() + WEEK) is None
        again = place_hold(tenant=tenant, by=BY, reason="Litigation again")
        assert hold_of(tenant) == again
        actions = list(JournalEntry.objects.order_by("sequence").values_list("action", flat=True))
    assert actions[-3:] == ["retention.hold_placed", "retention.hold_lifted", "retention.hold_placed"]


def test_command_shows_and_changes_periods_and_holds(tenant: Tenant) -> None:
    def said(*arguments: str) -> str:
        out = StringIO()
        call_command("retention", *arguments, stdout=out)
        return out.getvalue()

    text = said(tenant.slug, "--set", "evidence=100", "reports=keep", "--hold", "Case 4711")
    assert re.search(r"evidence +400 days \(100\); from \d{4}-\d\d-\d\d: 100\n", text)
    assert re.search(r"reports +without limit \(keep\)\n", text)
    assert "Case 4711" in text
    assert ", lifted on " in said(tenant.slug, "--lift", "Settled")
    assert "sessions    45 days (45)" in said(
        "--organization", tenant.organization.slug, "--set", "sessions=45"
    )
    assert timeline(tenant) == [400, 400, 100]
    for wrong, message in (
        ([], "the short name of a customer, or --organization"),
        ([tenant.slug, "--set", "evidence"], "KIND=DAYS"),
        ([tenant.slug, "--set", "journal=1"], "The kinds are"),
        ([tenant.slug, "--set", "evidence=1"], "whole number of days from 90"),
        ([tenant.slug, "--lift", "x"], "not on legal hold"),
        (["nobody"], "no customer"),
        (["--organization", "nobody"], "no organization"),
        (["--organization", tenant.organization.slug, "--hold", "x"], "one customer"),
    ):
        with pytest.raises(CommandError, match=message):
            said(*wrong)


def test_return_to_a_default_that_will_become_shorter_takes_seven_days(tenant: Tenant) -> None:
    """The customer returns from 300 days to the default. The default is still 400 days, but becomes 100 days in a week,
    so the return makes the period shorter.
    """
    decide(tenant, 300)
    decide_default(tenant, 100)
    decide(tenant, "default")
    with factories.in_tenant(tenant):
        row = RetentionRule.objects.latest("decided_at")
        assert row.effective_at - row.decided_at == WEEK
    decide(tenant, "keep")
    assert timeline(tenant) == [None] * 3
