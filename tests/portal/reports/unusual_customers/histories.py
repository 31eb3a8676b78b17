"""Customers after unusual histories of assessments, settings and treatments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import time_machine
from django.utils import timezone

from assessments.actions.cancel import cancel
from assessments.actions.control_settings import set_control_values
from assessments.actions.profiles import set_profile, switch_off, switch_on
from assessments.actions.start import start
from assessments.models import Assessment, Finding, Unit
from portal.reports.parts import identity
from portal.reports.parts.part import ReportFacts
from portal.retention.actions.runs import carry_out, request_run
from portal.treatment.actions.attestations.attest import attest
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.actions.owners.assign import assign
from portal.treatment.models import FindingException
from tenants.actions.subscriptions import include_subscription
from tenants.models import Organization, Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.portal.reports.unusual_customers.assessed import (
    Customer,
    Read,
    assess,
    customer,
    facts_of,
    words_of,
)

DAY = timedelta(days=1)


SMALL = (
    "storage-secure-transfer",
    "storage-sas-expiry",
    "storage-pna-disabled",
    "identity-guests-limited",
    "vm-jit",
)


@dataclass(frozen=True)
class UnusualCustomer:
    """A customer with an unusual history, and what its report has to state.

    - `began`, `fixed`, `removed`: the numbers of failures
    - `settings`: how many failures began, and how many ended, because settings changed
    - `later`: how long after the history the report is built
    """

    customer: Customer
    began: int
    fixed: int = 0
    removed: int = 0
    settings: tuple[int, int] = (0, 0)
    later: timedelta = timedelta()
    assessment: Assessment | None = None


def entra_only(org: Organization, by: Person) -> UnusualCustomer:
    one = customer(org, by, subscriptions=0)
    assess(one, [Read(one.directory, [False])])
    return UnusualCustomer(one, began=1)


def subscription_only(org: Organization, by: Person) -> UnusualCustomer:
    one = customer(org, by)
    assess(one, [Read(one.subscriptions[0], [True, False])])
    return UnusualCustomer(one, began=failing(one))


def no_units(org: Organization, by: Person) -> UnusualCustomer:
    one = customer(org, by, subscriptions=0)
    assess(one, [])
    return UnusualCustomer(one, began=0)


def nothing_read(org: Organization, by: Person) -> UnusualCustomer:
    one = customer(org, by)
    assess(one, [Read(one.directory, None), Read(one.subscriptions[0], None)])
    return UnusualCustomer(one, began=0)


def one_control(org: Organization, by: Person) -> UnusualCustomer:
    one = held_to(customer(org, by), "storage-secure-transfer")
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True])])
    return UnusualCustomer(one, began=0)


def only_manual(org: Organization, by: Person) -> UnusualCustomer:
    """The customer is held to one manual control, and all answers say that it is not met."""
    one = held_to(customer(org, by), "storage-sas-expiry")
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True, True])])
    answer(one, met=False)
    return UnusualCustomer(one, began=0)


def unreadable_for_a_time(org: Organization, by: Person) -> UnusualCustomer:
    """A failure that was unknown for a time is not new. A failure that was fixed during this time counts as fixed."""
    one = held_to(customer(org, by, subscriptions=2), *SMALL)
    first, second = one.subscriptions
    units = [Read(one.directory, [True]), Read(first, [False, False]), Read(second, [False])]
    assess(one, units)
    began = failing(one)
    assess(one, [units[0], Read(first, None), units[2]])
    assess(one, [units[0], Read(first, [False, True]), units[2]])
    return UnusualCustomer(one, began=began, fixed=1)


def read_in_part(org: Organization, by: Person) -> UnusualCustomer:
    one = customer(org, by, subscriptions=2)
    first, second = one.subscriptions
    assess(one, [Read(one.directory, [True]), Read(first, [False], gap=True), Read(second, None)])
    return UnusualCustomer(one, began=failing(one))


def excluded(org: Organization, by: Person) -> UnusualCustomer:
    one = held_to(customer(org, by, subscriptions=2), *SMALL)
    first, second = one.subscriptions
    assess(one, [Read(one.directory, [True]), Read(first, [False]), Read(second, [False, False])])
    began = failing(one)
    with factories.in_tenant(one.tenant):
        include_subscription(by=by, subscription=second, included=False, reason="Only experiments.")
    assess(one, [Read(one.directory, [True]), Read(first, [False])])
    return UnusualCustomer(one, began=began, removed=began - failing(one))


def excluded_and_included(org: Organization, by: Person) -> UnusualCustomer:
    """Failures of a subscription that is included again are not new."""
    made = excluded(org, by)
    one = made.customer
    first, second = one.subscriptions
    with factories.in_tenant(one.tenant):
        second.refresh_from_db()
        include_subscription(by=by, subscription=second, included=True)
    assess(one, [Read(one.directory, [True]), Read(first, [False]), Read(second, [False, False])])
    return made


def excluded_after_the_assessment(org: Organization, by: Person) -> UnusualCustomer:
    one = held_to(customer(org, by, subscriptions=2), *SMALL)
    first, second = one.subscriptions
    assess(one, [Read(one.directory, [True]), Read(first, [False]), Read(second, [False])])
    with factories.in_tenant(one.tenant):
        include_subscription(by=by, subscription=second, included=False, reason="Only experiments.")
    return UnusualCustomer(one, began=failing(one))


def deleted_resources(org: Organization, by: Person) -> UnusualCustomer:
    one = held_to(customer(org, by), *SMALL)
    assess(one, [Read(one.directory, [False]), Read(one.subscriptions[0], [True, False, False])])
    began = failing(one)
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True])])
    return UnusualCustomer(one, began=began, fixed=1, removed=began - failing(one) - 1)


def off_and_on(org: Organization, by: Person) -> UnusualCustomer:
    """Failures of a control that is judged again are not new."""
    one = held_to(customer(org, by), *SMALL)
    units = [Read(one.directory, [False]), Read(one.subscriptions[0], [True, False])]
    assess(one, units)
    began = failing(one)
    with factories.in_tenant(one.tenant):
        for slug in ("storage-secure-transfer", "identity-guests-limited"):
            switch_off(tenant=one.tenant, by=by, slug=slug, reason="Another team checks it.")
    assess(one, units)
    with factories.in_tenant(one.tenant):
        switch_on(tenant=one.tenant, by=by, slug="identity-guests-limited")
        switch_on(tenant=one.tenant, by=by, slug="storage-secure-transfer")
    assess(one, units)
    return UnusualCustomer(one, began=began)


def switched_off(org: Organization, by: Person) -> UnusualCustomer:
    one = held_to(customer(org, by), *SMALL)
    units = [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False])]
    assess(one, units)
    began = failing(one)
    with factories.in_tenant(one.tenant):
        switch_off(tenant=one.tenant, by=by, slug="storage-secure-transfer", reason="Another team checks it.")
    assess(one, units)
    return UnusualCustomer(one, began=began)


def larger_profile(org: Organization, by: Person) -> UnusualCustomer:
    """Failures of the controls that a larger profile adds began because settings changed."""
    one = held_to(customer(org, by), "storage-secure-transfer")
    units = [Read(one.directory, [True]), Read(one.subscriptions[0], [False])]
    assess(one, units)
    began = failing(one)
    held_to(one, *SMALL)
    assess(one, units)
    return UnusualCustomer(one, began=began, settings=(failing(one) - began, 0))


def fixed_with_settings(org: Organization, by: Person) -> UnusualCustomer:
    """The control passes, but its settings changed too. So the failure ended because of settings, and is not fixed."""
    one = held_to(customer(org, by), *SMALL)
    assess(one, [Read(one.directory, [False]), Read(one.subscriptions[0], [False])])
    began = failing(one)
    with factories.in_tenant(one.tenant):
        set_control_values(tenant=one.tenant, by=by, slug="identity-guests-limited", values={"strict": True})
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [False])])
    return UnusualCustomer(one, began=began, settings=(0, 1))


def different_settings(org: Organization, by: Person) -> UnusualCustomer:
    """The last assessment read one subscription with all controls. The other units were read with a small profile."""
    one = held_to(customer(org, by, subscriptions=2), *SMALL)
    first, second = one.subscriptions
    assess(one, [Read(one.directory, [True]), Read(first, [False]), Read(second, [True])])
    began = failing(one)
    with factories.in_tenant(one.tenant):
        set_profile(tenant=one.tenant, by=by, profile="everything")
    last = assess(one, [Read(second, [True])], only=True)
    return UnusualCustomer(one, began=began, settings=(failing(one) - began, 0), assessment=last)


def exceptions_of_all_kinds(org: Organization, by: Person) -> UnusualCustomer:
    """One exception is requested, one starts after the report, and one is in force. One should have started before the
    report, and one should have ended before the report, but no worker has recorded this.
    """
    one = held_to(customer(org, by), *SMALL)
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [False] * 4)])
    now, approver = timezone.now(), factories.member(Role.APPROVER, one.tenant)
    with factories.in_tenant(one.tenant):
        rows = list(Finding.objects.filter(tenant=one.tenant, outcome="fail").order_by("control", "id"))
        assign(tenant=one.tenant, findings=Finding.objects.filter(pk=rows[-1].pk), owner=by, by=by)
        for number, (begin, end) in enumerate([(0, 90), (40, 90), (0, 90), (0, 2), (1, 90)]):
            exception = request_exception(
                tenant=one.tenant,
                by=by,
                scope=FindingException.Scope.FINDING,
                reason="The public site reads from it.",
                findings=Finding.objects.filter(pk=rows[number].pk),
                starts_at=now + begin * DAY if begin else None,
                ends_at=now + end * DAY,
            )
            if number:
                approve(exception=exception, by=approver, note="Seen.")
    return UnusualCustomer(one, began=failing(one), later=3 * DAY)


def mixed_answers(org: Organization, by: Person) -> UnusualCustomer:
    one = held_to(customer(org, by), *SMALL)
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True, True, False])])
    answer(one, met=True, number=1)
    answer(one, met=False, number=1)
    return UnusualCustomer(one, began=0, later=91 * DAY)


WORLDS: tuple[Callable[[Organization, Person], UnusualCustomer], ...] = (
    entra_only, subscription_only, no_units, nothing_read, one_control, only_manual, unreadable_for_a_time,
    read_in_part, excluded, excluded_and_included, excluded_after_the_assessment, deleted_resources, off_and_on,
    switched_off, larger_profile, fixed_with_settings, different_settings, exceptions_of_all_kinds, mixed_answers,
)  # fmt: skip


def held_to(one: Customer, *controls: str) -> Customer:
    with factories.in_tenant(one.tenant):
        set_profile(tenant=one.tenant, by=one.by, profile="own", controls=controls)
    return one


def failing(one: Customer) -> int:
    with factories.in_tenant(one.tenant):
        return Finding.objects.filter(tenant=one.tenant, outcome="fail", gone_at=None).count()


def answer(one: Customer, *, met: bool, number: int = 99) -> None:
    with factories.in_tenant(one.tenant):
        rows = Finding.objects.filter(tenant=one.tenant, outcome="manual", gone_at=None)
        for finding in rows.filter(attestations=None).order_by("subject")[:number]:
            until = timezone.now() + (90 if met else 200) * DAY
            attest(finding=finding, by=one.by, met=met, statement="Looked at it.", valid_until=until)


@contextmanager
def reported_at(later: timedelta) -> Iterator[None]:
    """Let reports state a later time. The states of exceptions stay the same, because no worker runs."""
    moment = timezone.now() + later
    with patch("portal.reports.facts.source.timezone", SimpleNamespace(now=lambda: moment)):
        yield


@contextmanager
def reported(odd: UnusualCustomer) -> Iterator[ReportFacts]:
    """Open the customer's scope at the time of its report; yield the facts of a full report."""
    chosen = {"assessment": odd.assessment} if odd.assessment else {}
    with reported_at(odd.later), factories.in_tenant(odd.customer.tenant):
        yield facts_of(odd.customer.tenant, kind="full", **chosen)


def printed(facts: ReportFacts, kind: str) -> str:
    """Return the words of a report of another kind with these facts."""
    found = facts.of(identity.PART)
    return words_of(facts.replace(identity.PART, replace(found, identity=replace(found.identity, kind=kind))))


def number(pattern: str, text: str) -> int:
    """Return the number in the text at the place “(N)” of the pattern, or 0. All matches must agree."""
    found = set(re.findall(pattern.replace("(N)", r"(\d+)"), text))
    assert len(found) <= 1, (pattern, found)
    return int(found.pop()) if found else 0


def lighthouse_only(org: Organization, by: Person) -> UnusualCustomer:
    """The organization's own service principal reads the only subscription."""
    one = held_to(customer(org, by), *SMALL)
    assess(one, [Read(one.subscriptions[0], [True, False])])
    with factories.in_tenant(one.tenant):
        Unit.objects.filter(tenant=one.tenant).update(is_delegated=True)
    return UnusualCustomer(one, began=failing(one))


def cancelled_before_the_first(org: Organization, by: Person) -> UnusualCustomer:
    one = held_to(customer(org, by), *SMALL)
    with factories.in_tenant(one.tenant):
        cancel(assessment=start(tenant=one.tenant, by=by), by=by)
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False])])
    return UnusualCustomer(one, began=failing(one))


def severity_by_context(org: Organization, by: Person) -> UnusualCustomer:
    one = held_to(customer(org, by), "storage-secure-transfer")
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False, False, False])])
    with factories.in_tenant(one.tenant):
        worst = Finding.objects.filter(tenant=one.tenant, outcome="fail").order_by("id").first()
        assert worst is not None
        Finding.objects.filter(pk=worst.pk).update(severity="critical", severity_rank=0)
    return UnusualCustomer(one, began=failing(one))


def other_catalogue(org: Organization, by: Person) -> UnusualCustomer:
    """The first assessment used another catalogue, as before an upgrade of Surety."""
    one = held_to(customer(org, by), *SMALL)
    units = [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False])]
    first = assess(one, units)
    with factories.in_tenant(one.tenant):
        Assessment.objects.filter(pk=first.pk).update(catalogue_hash="0" * 64)
    assess(one, units)
    return UnusualCustomer(one, began=failing(one))


def deleted_details(org: Organization, by: Person) -> UnusualCustomer:
    """The retention policy deleted evidence and changes that are years old. Some failures began before the oldest
    change that is still stored."""
    now = timezone.now()
    with time_machine.travel(now - 1600 * DAY):
        one = held_to(customer(org, by, subscriptions=2), *SMALL)
    first, second = one.subscriptions
    for days, safe, other in (
        (1600, [False, False, True], [False]),
        (1590, [True, False, True], [True]),
        (1500, [False, False, True], None),
        (1200, [False, False, False], [False]),
        (20, [True, False, False], [False]),
    ):
        with time_machine.travel(now - days * DAY):
            assess(one, [Read(one.directory, [days % 100 == 0]), Read(first, safe), Read(second, other)])
    with factories.in_tenant(one.tenant):
        run = request_run(tenant=one.tenant, by=factories.BY, dry_run=False, send=False)
    carry_out(tenant_id=one.tenant.pk, run_id=run.pk)
    with factories.in_tenant(one.tenant):
        assert Assessment.objects.filter(tenant=one.tenant, details_deleted_at__isnull=False).exists()
    return UnusualCustomer(one, began=0)


def other_due_days(org: Organization, by: Person) -> UnusualCustomer:
    """The due days and the time zone changed after failures began. The failures that last until now are overdue."""
    now = timezone.now()
    with time_machine.travel(now - 60 * DAY):
        one = held_to(customer(org, by), *SMALL)
        assess(one, [Read(one.directory, [False]), Read(one.subscriptions[0], [False, False, True])])
        with factories.in_tenant(one.tenant):
            take_snapshot(tenant=one.tenant)
    policy = {"critical": 1, "high": 10, "medium": 20, "low": 30}
    with factories.in_tenant(one.tenant):
        Tenant.objects.filter(pk=one.tenant.pk).update(due_days=policy, timezone="Pacific/Kiritimati")
        one.tenant.refresh_from_db()
    assess(one, [Read(one.directory, [False]), Read(one.subscriptions[0], [False, True, False])])
    return UnusualCustomer(one, began=1)


# Customers whose reports have sentences that the reports of the customers above do not have.
MORE: tuple[Callable[[Organization, Person], UnusualCustomer], ...] = (
    lighthouse_only, cancelled_before_the_first, severity_by_context, other_catalogue, deleted_details, other_due_days,
)  # fmt: skip
