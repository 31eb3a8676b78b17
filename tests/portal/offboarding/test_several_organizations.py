"""The pseudonymisation of a person who had roles in two organizations: both organizations must agree, and the pages of
one organization do not name the other.
"""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse
from django.utils import timezone

from portal.accounts.actions.disable import set_account_active
from portal.audit.verify import verify_chain
from portal.offboarding.erasures import erase_customer
from portal.offboarding.erasures.checks import REGAINED
from portal.offboarding.erasures.erase_customer import run_erasure
from portal.offboarding.erasures.requests import confirm_erasure, withdraw_erasure
from portal.offboarding.models import Erasure
from portal.offboarding.people.pseudonymise import pseudonymise
from portal.offboarding.tasks import tick
from portal.treatment.actions.comments import add_comment
from portal.treatment.models import Comment, SavedView
from tenants.actions import grant_membership
from tenants.actors import System
from tenants.errors import Conflict
from tenants.journal.accounts import record_for
from tenants.models import Membership, Organization, OrganizationJournalEntry, Person
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.as_owner import change_as_owner
from tests.portal.offboarding.erasure_cases import texts_in_database
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

State = Erasure.State
EMAIL, FORMER = "shared.leaver@example.com", "shared.former@example.com"
NAME = "Shira Leverton"


@pytest.fixture
def other(world: World) -> Organization:
    return other_of(world)


def other_of(world: World) -> Organization:
    with organization_scope(world.foreign.organization_id):
        return Organization.objects.get(pk=world.foreign.organization_id)


def leaver(world: World) -> Person:
    """A person who was an owner in one customer of each of the two organizations. Texts and journals in both
    organizations contain the person's name or addresses.
    """
    who = factories.person(email=EMAIL, name=NAME)
    for tenant in (world.home, world.foreign):
        factories.member(Role.OWNER, tenant, who)
    record_for(who, actor=who, action="account.address_changed", details={"from": FORMER, "to": EMAIL})
    for tenant in (world.home, world.foreign):
        with factories.in_tenant(tenant):
            add_comment(finding=world.of(tenant)["finding"], by=who, body=f"{NAME} asks {EMAIL} and {FORMER}")
            Membership.objects.filter(person=who).update(valid_until=timezone.now())
    return who


def rows_of(who: Person, *places: Organization) -> list[Erasure]:
    found = []
    for place in places:
        with organization_scope(place):
            found.append(Erasure.objects.filter(subject=who.pk).latest("requested_at"))
    return found


def request(who: Person) -> str:
    out = StringIO()
    call_command("pseudonymise_person", who.email, "--reason", "Left both", stdout=out)
    return out.getvalue()


def confirm(erasure: Erasure, place: Organization) -> Erasure:
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, place)
    with person_scope(by):
        return confirm_erasure(erasure=erasure, by=by)


def confirmed_by_both(world: World, other: Organization) -> tuple[Person, Erasure, Erasure]:
    """Return a leaver whose pseudonymisation both organizations have confirmed, and both `Erasure` rows."""
    who = leaver(world)
    request(who)
    ours, theirs = rows_of(who, world.organization, other)
    confirm(ours, world.organization)
    confirm(theirs, other)
    return who, ours, theirs


def run(erasure: Erasure) -> Erasure:
    run_erasure(organization_id=erasure.organization_id, erasure_id=erasure.pk)
    return again(erasure)


def again(erasure: Erasure) -> Erasure:
    with organization_scope(erasure.organization_id):
        return Erasure.objects.get(pk=erasure.pk)


@pytest.mark.slow
def test_nothing_names_the_person_in_either_organization(committed: World) -> None:
    world, other = committed, other_of(committed)
    who = leaver(world)
    before = texts_in_database()
    assert {"tenants_journalentry", "treatment_comment", "tenants_person"} <= {
        table for table, text in before.items() if NAME in text or EMAIL in text
    }
    out = request(who)
    assert str(world.organization) in out
    assert str(other) in out
    ours, theirs = rows_of(who, world.organization, other)
    assert ours.pseudonym == theirs.pseudonym
    confirm(ours, world.organization)
    waiting = run(again(ours))
    assert (waiting.state, "an administrator of each organization" in waiting.problem) == (
        State.CONFIRMED,
        True,
    )
    assert Person.objects.get(pk=who.pk).name == NAME
    confirm(theirs, other)
    # Run the first organization's part, but not yet the second one's, as if the worker died in between. The account
    # still has its name, because the work in the second organization needs it.
    assert run(ours).state == State.DONE
    halfway = Person.objects.get(pk=who.pk)
    assert (halfway.name, halfway.is_active, halfway.has_usable_password()) == (NAME, False, False)
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, other)
    with person_scope(by), pytest.raises(Conflict, match="already started"):
        withdraw_erasure(erasure=theirs, by=by)
    tick()
    done = run(theirs)
    assert done.state == State.DONE, done.problem
    texts = texts_in_database()
    for needle in (NAME, EMAIL, FORMER):
        assert [table for table, text in texts.items() if needle.casefold() in text.casefold()] == [], needle
    assert Person.objects.get(pk=who.pk).name == done.pseudonym
    for place, tenant in ((world.organization, world.home), (other, world.foreign)):
        with organization_scope(place):
            assert (
                f"{done.pseudonym} asks {done.pseudonym} and {done.pseudonym}"
                in Comment.objects.values_list("body", flat=True)
            )
            for owner in (place, tenant):
                assert verify_chain(owner).problems == ()
    for place, strange in ((world.organization, other), (other, world.organization)):
        with organization_scope(place):
            entries = OrganizationJournalEntry.objects.filter(action__startswith="erasure.")
            text = " ".join(f"{entry.actor} {entry.target} {entry.details}" for entry in entries)
        assert str(strange.pk) not in text
        assert strange.name not in text


def test_one_organization_alone_changes_nothing_even_in_sql(world: World, other: Organization) -> None:
    who = leaver(world)
    request(who)
    ours, theirs = rows_of(who, world.organization, other)
    confirm(ours, world.organization)
    with organization_scope(world.organization):
        Erasure.objects.filter(pk=ours.pk).update(state=State.RUNNING)
        with pytest.raises(DatabaseError, match="has or had other access"), transaction.atomic():
            pseudonymise(Erasure.objects.get(pk=ours.pk), who, ours.pseudonym, System("tests"))
    confirm(theirs, other)
    with organization_scope(world.organization):
        pseudonymise(Erasure.objects.get(pk=ours.pk), who, ours.pseudonym, System("tests"))
    assert Person.objects.get(pk=who.pk).name == NAME, "the last organization replaces the name"


def test_withdrawing_one_withdraws_both(world: World, other: Organization) -> None:
    who = leaver(world)
    request(who)
    with pytest.raises(CommandError, match="already requested"):
        request(who)
    ours, theirs = rows_of(who, world.organization, other)
    confirm(ours, world.organization)
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, other)
    with person_scope(by):
        withdraw_erasure(erasure=theirs, by=by)
    tick()
    withdrawn = again(ours)
    assert (withdrawn.state, withdrawn.problem[:50]) == (
        State.WITHDRAWN,
        "The request was withdrawn in another organization ",
    )
    assert Person.objects.get(pk=who.pk).name == NAME
    request(who)
    call_command("pseudonymise_person", who.email, "--withdraw", stdout=StringIO())
    assert [row.state for row in rows_of(who, world.organization, other)] == [State.WITHDRAWN] * 2


@pytest.mark.slow(seconds=1)
def test_command_runs_both(world: World, other: Organization) -> None:
    who = leaver(world)
    request(who)
    ours, theirs = rows_of(who, world.organization, other)
    confirm(ours, world.organization)
    with pytest.raises(CommandError, match="an administrator of each"):
        call_command("pseudonymise_person", who.email, "--run", stdout=StringIO())
    confirm(theirs, other)
    out = StringIO()
    call_command("pseudonymise_person", who.email, "--run", stdout=out)
    assert out.getvalue().count(": done") == 2
    assert Person.objects.get(pk=who.pk).name.startswith("Former person ")


def test_command_without_options_shows_the_organization_that_does_not_answer(
    world: World, other: Organization
) -> None:
    who = leaver(world)
    with pytest.raises(CommandError, match="No erasure has been requested yet"):
        call_command("pseudonymise_person", who.email, stdout=StringIO())
    request(who)
    ours, theirs = rows_of(who, world.organization, other)
    confirm(ours, world.organization)
    run(ours)
    out = StringIO()
    call_command("pseudonymise_person", who.email, stdout=out)
    text = out.getvalue()
    assert f"{world.organization}:\nErasure {ours.pk}: confirmed" in text
    assert "an administrator of each organization" in text
    assert f"{other}:\nErasure {theirs.pk}: waiting for a second administrator" in text
    assert [row.state for row in rows_of(who, world.organization, other)] == [
        State.CONFIRMED,
        State.REQUESTED,
    ]


@pytest.mark.slow(seconds=1)
def test_a_worker_that_dies_after_the_first_organization_is_replaced(
    world: World, other: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, ours, theirs = confirmed_by_both(world, other)
    assert run(theirs).state == State.DONE
    with monkeypatch.context() as patched:
        patched.setattr(erase_customer, "pseudonymise", _die)
        with pytest.raises(SystemExit):
            run(ours)
    assert again(ours).state == State.RUNNING
    with organization_scope(world.organization):
        Erasure.objects.filter(pk=ours.pk).update(worked_at=timezone.now() - timedelta(minutes=6))
    assert run(ours).state == State.DONE
    assert Person.objects.get(pk=who.pk).name == ours.pseudonym


def _die(*_: object) -> int:
    raise SystemExit


def return_for_a_moment(world: World, who: Person) -> None:
    """Give the leaver a role at the customer of the other organization, and end it again."""
    factories.member(Role.OWNER, world.foreign, who)
    with factories.in_tenant(world.foreign):
        Membership.objects.filter(person=who, valid_until=None).update(valid_until=timezone.now())


def test_a_role_elsewhere_since_the_request_withdraws_it_before_the_first_start(
    world: World, other: Organization
) -> None:
    """Otherwise, both organizations would pseudonymise a person who got access again after the request."""
    who, ours, theirs = confirmed_by_both(world, other)
    return_for_a_moment(world, who)
    assert run(ours).state == State.WITHDRAWN
    tick()
    assert again(theirs).state == State.WITHDRAWN
    person = Person.objects.get(pk=who.pk)
    assert (person.name, person.is_active) == (NAME, True)
    request(who)


def test_after_the_first_start_the_others_follow(committed: World) -> None:
    """After the first organization has pseudonymised the person, the other one does so too, even if the person had a
    role there in the meantime.

    Triggers prevent such a role, so the test switches them off to insert it.
    """
    world, other = committed, other_of(committed)
    who, ours, theirs = confirmed_by_both(world, other)
    assert run(ours).state == State.DONE
    change_as_owner(
        "tenants_membership",
        world.foreign,
        "INSERT INTO tenants_membership (id, person_id, organization_id, tenant_id, role, valid_from, valid_until,"
        " created_at, confirmation) SELECT gen_random_uuid(), person_id, organization_id, tenant_id, role,"
        " now() - interval '1 minute', now(), clock_timestamp(), confirmation FROM tenants_membership"
        f" WHERE person_id = '{who.pk}' AND tenant_id = '{world.foreign.pk}'",
    )
    done = run(theirs)
    assert (done.state, done.problem) == (State.DONE, "")
    assert Person.objects.get(pk=who.pk).name == ours.pseudonym


@pytest.mark.slow(seconds=1)
def test_after_the_first_start_nobody_gives_access(world: World, other: Organization) -> None:
    who, ours, theirs = confirmed_by_both(world, other)
    assert run(ours).state == State.DONE
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, other)
    refusal = "pseudonymisation of .* has started"
    with person_scope(by), pytest.raises(Conflict, match=refusal):
        grant_membership(by=by, person=who, organization=other, tenant=world.foreign, role=Role.OWNER)
    with person_scope(by), pytest.raises(Conflict, match=refusal):
        set_account_active(by=by, organization=other, person=who, active=True)
    for statement in (
        "UPDATE tenants_person SET is_active = true WHERE id = %s",
        (
            "INSERT INTO tenants_membership (id, person_id, organization_id, tenant_id, role, valid_from, created_at,"
            " confirmation) SELECT gen_random_uuid(), person_id, organization_id, tenant_id, role, now(), now(),"
            " confirmation FROM tenants_membership WHERE person_id = %s"
        ),
    ):
        with (
            organization_scope(other),
            pytest.raises(IntegrityError, match="gets no access"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [who.pk])
    http = signed_in_client(by)
    page = http.post(
        reverse("person-leaving", args=[other.slug, who.pk]), {"enable": "1"}, follow=True
    ).content.decode()
    assert "has started, so this person cannot get access again" in page
    assert run(theirs).state == State.DONE
    assert not Person.objects.get(pk=who.pk).is_active


def test_a_refused_withdrawal_is_shown(
    world: World, other: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a worker can neither start nor withdraw a pseudonymisation, it stores the reason and raises no error."""
    _, ours, theirs = confirmed_by_both(world, other)
    assert run(ours).state == State.DONE

    def regained(*_: object, **__: object) -> None:
        raise Conflict("Had access again.", code=REGAINED)

    monkeypatch.setattr(erase_customer, "refuse_start", regained)
    stopped = run(theirs)
    assert (stopped.state, "already started" in stopped.problem) == (State.CONFIRMED, True)


def test_a_role_that_is_being_granted_delays_the_start(committed: World) -> None:
    """The worker waits for the transaction that grants the role, and then withdraws the pseudonymisation."""
    world, other = committed, other_of(committed)
    who, ours, _ = confirmed_by_both(world, other)
    started: list[Erasure] = []

    def work() -> None:
        started.append(run(ours))
        connection.close()

    worker = Thread(target=work)
    with transaction.atomic():
        return_for_a_moment(world, who)
        worker.start()
        worker.join(timeout=2)
        assert not started
    worker.join(timeout=60)
    assert [row.state for row in started] == [State.WITHDRAWN]


def test_texts_that_would_become_equal_are_numbered(world: World) -> None:
    """Without numbers, two saved views of one page would get the same name, which the database refuses."""
    who = world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        view = SavedView.objects.all()[0]
        for name in (f"Of {who.name}", f"Of {who.email}"):
            SavedView.objects.create(
                tenant=view.tenant, person=view.person, name=name, query=view.query, shared=view.shared
            )
    with organization_scope(world.organization):
        Membership.objects.filter(person=who, valid_until=None).update(valid_until=timezone.now())
    request(who)
    (erasure,) = rows_of(who, world.organization)
    confirm(erasure, world.organization)
    done = run(erasure)
    assert done.state == State.DONE, done.problem
    with factories.in_tenant(world.home):
        names = set(SavedView.objects.filter(name__startswith="Of ").values_list("name", flat=True))
    assert {f"Of {done.pseudonym}", f"Of {done.pseudonym} 2"} <= names
