"""Sentences of reports about treatments, such as overlapping exceptions or exceptions for findings no longer judged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.reports.parts import exceptions, results
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.models import FindingException
from tenants.actions.subscriptions import include_subscription
from tenants.models import Organization, Person
from tenants.roles import Role
from tests import factories
from tests.portal.reports.unusual_customers.assessed import Customer, Read, assess, customer, facts_of
from tests.portal.reports.unusual_customers.histories import SMALL, held_to, printed

Scope = FindingException.Scope


def except_for(one: Customer, findings: list[Finding], *, days: int, by: Person) -> None:
    """Request and approve an exception. Needs the tenant's scope."""
    exception = request_exception(
        tenant=one.tenant,
        by=one.by,
        scope=Scope.FINDING if len(findings) == 1 else Scope.LIST,
        reason="The public site reads from it.",
        findings=Finding.objects.filter(pk__in=[finding.pk for finding in findings]),
        ends_at=timezone.now() + timedelta(days=days),
    )
    approve(exception=exception, by=by, note="Seen.")


@pytest.mark.slow(seconds=2)
def test_a_failure_in_several_exceptions_counts_once(provider: Organization, engineer: Person) -> None:
    """The failure is covered until the last of the exceptions ends."""
    one = held_to(customer(provider, engineer), *SMALL)
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [False] * 3)])
    approver = factories.member(Role.APPROVER, one.tenant)
    with factories.in_tenant(one.tenant):
        rows = list(Finding.objects.filter(tenant=one.tenant, outcome="fail").order_by("id")[:2])
        for chosen, days in ((rows[:1], 20), (rows, 60), (rows[1:], 85)):
            except_for(one, chosen, days=days, by=approver)
        facts = facts_of(one.tenant, kind="full")
        executive, register = printed(facts, "executive"), printed(facts, "exceptions")
    covered = [fact for fact in facts.of(results.PART).of_outcome("fail") if fact.exception is not None]
    assert len(covered) == 2
    assert sum(row.covers for row in facts.of(exceptions.PART).exceptions) == 4
    assert (
        "Fix the failures covered by 2 exceptions that end soon, or request new exceptions No. 2, 3: 2 failures. The"
        " last" in executive
    )
    assert "3 exceptions are in force and cover 2 of " in register
    assert "A failure that several exceptions cover is listed under the exception that ends last." in register


@pytest.mark.slow(seconds=2)
def test_the_register_does_not_say_that_resources_of_an_excluded_subscription_are_gone(
    provider: Organization, engineer: Person
) -> None:
    one = held_to(customer(provider, engineer, subscriptions=2), *SMALL)
    first, second = one.subscriptions
    assess(one, [Read(one.directory, [True]), Read(first, [True]), Read(second, [False])])
    approver = factories.member(Role.APPROVER, one.tenant)
    with factories.in_tenant(one.tenant):
        rows = Finding.objects.filter(
            tenant=one.tenant, outcome="fail", unit__endswith=second.subscription_id
        )
        row = rows[0]
        except_for(one, [row], days=20, by=approver)
        assert "several exceptions" not in printed(facts_of(one.tenant, kind="full"), "exceptions")
        include_subscription(by=engineer, subscription=second, included=False, reason="Only experiments.")
    assess(one, [Read(one.directory, [True]), Read(first, [True])])
    with factories.in_tenant(one.tenant):
        register = printed(facts_of(one.tenant, kind="full"), "exceptions")
    assert "Active One finding Findings that are no longer judged Reason:" in register
    assert "0 of 1 1 not failing" in register
    assert "no longer exist" not in register


@pytest.mark.slow(seconds=2)
def test_the_conclusion_states_acknowledged_failures_if_no_failure_is_open(
    provider: Organization, engineer: Person
) -> None:
    """Nobody has fixed acknowledged failures, so it would mislead to state only that no failure is open."""
    one = held_to(customer(provider, engineer), *SMALL)
    assess(one, [Read(one.directory, [False]), Read(one.subscriptions[0], [False, True])])
    with factories.in_tenant(one.tenant):
        rows = Finding.objects.filter(tenant=one.tenant, outcome="fail")
        acknowledge(tenant=one.tenant, findings=rows, by=engineer, plan="With the new network.")
        number = rows.count()
        executive = printed(facts_of(one.tenant, kind="full"), "executive")
        german = printed(facts_of(one.tenant, kind="full", language="de"), "executive")
    assert number > 1
    assert f"Conclusion No failure is open, but {number} acknowledged failures are not fixed " in executive
    assert f"No failure is open. {number} acknowledged failures are not fixed. Trend" in executive
    assert f"Keine Abweichung ist offen, aber {number} anerkannte Abweichungen sind nicht behoben" in german
