"""Configuration files that invite many people: few statements, one mail for each person, and intact journals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.configuration import locks
from portal.configuration.actions import apply
from portal.configuration.changes import run_step
from portal.configuration.plan import plan
from portal.configuration.problems import UnusableFile
from portal.configuration.steps import Step
from portal.configuration.yaml_text import write
from portal.members.tasks import SEND_INVITATION
from tenants import journal
from tenants.actions import invite_to_customers
from tenants.actors import Actor, System
from tenants.errors import Conflict
from tenants.models import Invitation, JournalEntry, Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.assessments.sandboxed_customer import sent
from tests.concurrency import run_in_the_middle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider() -> tuple[Organization, Person, list[Tenant]]:
    organization = factories.organization("Northlight")
    tenants = [factories.tenant(organization, f"Customer {number}") for number in range(3)]
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    sent()
    return organization, by, tenants


def file(organization: Organization, people: dict[Tenant, Iterable[str]], **customer: Any) -> bytes:
    customers = [
        {
            "short_name": tenant.slug,
            **customer,
            "people": [{"email": email, "role": "owner"} for email in emails],
        }
        for tenant, emails in people.items()
    ]
    data = {"version": 1, "organization": {"short_name": organization.slug}, "customers": customers}
    return write(data).encode()


@pytest.mark.slow(seconds=1)
def test_the_number_of_statements_does_not_depend_on_the_number_of_people(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    """While a file is applied, nobody can sign in or change anything in the organization, so applying it must
    be fast.
    """
    organization, by, tenants = provider
    counts: dict[str, list[int]] = {"plan": [], "apply": []}
    with person_scope(by):
        for number, tenant in zip((5, 200), tenants, strict=False):
            content = file(organization, {tenant: [f"p{n}@example.com" for n in range(number)]})
            for name, function in (("plan", plan), ("apply", apply)):
                with CaptureQueriesContext(connection) as captured:
                    function(content, organization=organization, by=by)
                counts[name].append(len(captured))
            assert Invitation.objects.filter(tenant=tenant).count() == number
            assert journal.verify(tenant) == []
    assert counts["plan"][0] == counts["plan"][1]
    assert counts["apply"][0] == counts["apply"][1]


@pytest.mark.slow(seconds=1)
def test_each_person_gets_one_mail(provider: tuple[Organization, Person, list[Tenant]]) -> None:
    organization, by, tenants = provider
    content = file(organization, {tenant: ["jo@example.com", "max@example.com"] for tenant in tenants})
    with person_scope(by):
        plan(content, organization=organization, by=by)
        assert sent() == []
        assert not Invitation.objects.exists()
        done = apply(content, organization=organization, by=by)
        assert len(done.changes) == 6
    with person_scope(by):
        mails = [ids for task, ids in sent() if task == SEND_INVITATION]
        invited = {Invitation.objects.get(pk=pk).email for _, pk in mails}
        assert (len(mails), invited) == (2, {"jo@example.com", "max@example.com"})
        assert plan(content, organization=organization, by=by).changes == []


@pytest.mark.slow(seconds=1)
def test_an_address_gets_at_most_ten_mails_in_an_hour(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    """Without this limit, a file could fill somebody's mailbox: it could invite one address many times, each time
    with another start date.
    """
    organization, by, (tenant, *_) = provider
    days = [f"{timezone.now().date() + timedelta(days=number)}" for number in range(2, 14)]
    people = [{"email": "jo@example.com", "role": "owner", "from": day} for day in days]

    def content(number: int) -> bytes:
        data = {"version": 1, "organization": {"short_name": organization.slug}}
        return write(data | {"customers": [{"short_name": tenant.slug, "people": people[:number]}]}).encode()

    with person_scope(by):
        for function in (plan, apply):
            with pytest.raises(Conflict, match=r"jo@example\.com can get at most 10 invitations"):
                function(content(11), organization=organization, by=by)
        assert not Invitation.objects.exists()
        apply(content(10), organization=organization, by=by)
        with pytest.raises(Conflict):
            apply(content(11), organization=organization, by=by)
    assert len([task for task, _ in sent() if task == SEND_INVITATION]) == 10
    with organization_scope(organization.pk):
        apply(content(12), organization=organization, by=System("manage.py configuration"))


def test_refused_invitations_are_named_with_their_lines(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    organization, by, tenants = provider
    content = file(organization, {tenants[0]: ["jo@example.com", "jö@example.com"]}, name="Renamed")
    for function in (plan, apply):
        with person_scope(by), pytest.raises(UnusableFile) as raised:
            function(content, organization=organization, by=by)
        (problem,) = raised.value.problems
        assert str(problem).startswith("Line 10: Customer 0: Enter an email address")
    with person_scope(by):
        assert not Invitation.objects.exists()
        assert Tenant.objects.get(pk=tenants[0].pk).name == "Customer 0"
        assert not JournalEntry.objects.filter(action="membership.invited").exists()


def test_a_file_and_an_invitation_to_several_customers_do_not_deadlock(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    """The file sets labels of two customers and invites a person to the last of them. The other transaction invites a
    person to all customers.
    """
    organization, by, tenants = provider
    first, *_, last = sorted(tenants, key=lambda tenant: tenant.pk)
    content = file(organization, {first: [], last: ["jo@example.com"]}, labels=["gold"])
    other = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)

    def applied(in_the_middle: Callable[[], None]) -> int:
        def after_another(step: Step, by: Actor) -> None:
            in_the_middle()
            run_step(step, by)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("portal.configuration.actions.run_step", after_another)
            with person_scope(by):
                return len(apply(content, organization=organization, by=by).changes)

    def invited() -> int:
        with person_scope(other):
            rows, _ = invite_to_customers(
                by=other, organization=organization, email="max@example.com", role=Role.OWNER, tenants=tenants
            )
            return len(rows)

    with pytest.MonkeyPatch.context() as patched:
        # without a second attempt, a deadlock makes one of the actions fail
        patched.setattr(locks, "ATTEMPTS", 1)
        assert run_in_the_middle(applied, invited) == (3, 3)
