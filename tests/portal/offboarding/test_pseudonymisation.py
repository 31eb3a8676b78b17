"""The pseudonymisation of a person: nothing names the person, and the chains stay verifiable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.mail import EmailMessage, mailers
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from portal.accounts.actions.profile import change_own_name
from portal.accounts.mails import request_password_reset
from portal.accounts.models import AccountMail, Session
from portal.audit.verify import verify_chain
from portal.distribution.actions.schedules import add_schedule
from portal.distribution.models import (
    OrganizationReportSchedule,
    PortfolioDelivery,
    PortfolioRun,
    ReportDelivery,
    ReportLink,
    ReportRun,
    ReportSchedule,
)
from portal.notify.models import Notice
from portal.offboarding.erasures.erase_customer import run_erasure
from portal.offboarding.erasures.requests import confirm_erasure, request_pseudonymisation
from portal.offboarding.models import Erasure
from portal.offboarding.people.pseudonymise import pseudonymise
from portal.reports.models import Report
from portal.retention.actions.holds import lift_hold, place_hold
from portal.retention.models import LegalHold
from portal.tickets.actions.mails import mail_new_destination
from portal.tickets.models import TicketSystem
from portal.treatment.actions.comments import add_comment
from portal.treatment.actions.owners.assign import assign
from portal.treatment.models import Comment, ExceptionComment, SavedView, TreatmentEvent
from tenants import journal
from tenants.actions.delegations import exclude_delegations
from tenants.actors import System
from tenants.errors import Conflict, PermissionDenied
from tenants.journal.accounts import record_for
from tenants.models import (
    ExclusionRule,
    JournalEntry,
    Membership,
    OrganizationJournalEntry,
    Person,
    Subscription,
    Tenant,
)
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tenants.secrets import unseal
from tests import factories
from tests.concurrency import run_in_the_middle
from tests.portal.distribution.schedules import choices
from tests.portal.offboarding.erasure_cases import texts_in_database
from tests.portal.offboarding.pseudonymisation_steps import (
    ADDRESSES,
    NAME,
    administrators,
    confirmed,
    end_access,
    leaver,
    run_confirmed,
)
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

State = Erasure.State


def name_everywhere(world: World, who: Person) -> None:
    """Write the person's name or address into every kind of place that can contain it."""
    record_for(
        who, actor=who, action="account.address_changed", details={"from": ADDRESSES[1], "to": ADDRESSES[0]}
    )
    signed_in_client(who)
    assert EmailAddress.objects.filter(user=who, email=ADDRESSES[0]).exists()
    Authenticator.objects.create(user=who, type=Authenticator.Type.RECOVERY_CODES, data={})
    request_password_reset(ADDRESSES[0])
    with organization_scope(world.organization):
        mail_new_destination(TicketSystem.objects.earliest("pk"), who)
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        add_comment(finding=own["finding"], by=who, body=f"Ask {NAME} or ENGINEER@example.com.")
        other = own["owned"]
        assign(
            tenant=world.home,
            findings=type(other).objects.filter(pk=other.pk),
            owner=who,
            by=world.people["auditor"],
        )
        ExceptionComment.objects.update(body=f"{NAME}: until May")
        Notice.objects.create(
            tenant=world.home,
            person=world.people["auditor"],
            kind="assigned",
            key="about",
            title=f"{NAME} assigned a finding",
            path="/",
            created_at=timezone.now(),
            delivery="immediate",
            due_at=timezone.now(),
        )
        SavedView.objects.update(name=f"Of {NAME}")
        ExclusionRule.objects.update(
            name=f"Boxes of {NAME}", reason=f"Asked by {NAME}", tag=f"owner={ADDRESSES[0]}"
        )
        Subscription.objects.update(tags={"owner": ADDRESSES[0]})


@pytest.mark.slow
def test_nothing_names_the_person_and_chains_stay_verifiable(committed: World) -> None:
    world, who = committed, leaver(committed)
    name_everywhere(world, who)
    before = texts_in_database()
    named = {table for table, text in before.items() if NAME in text or ADDRESSES[0] in text}
    assert {
        "tenants_journalentry",
        "treatment_treatmentevent",
        "treatment_comment",
        "reports_report",
    } <= named
    end_access(world, who)
    with organization_scope(world.organization):
        evidence = list(Report.objects.values_list("sha256", flat=True))
        count = JournalEntry.objects.count()
    done = run_confirmed(confirmed(world, who))
    assert done.state == State.DONE, done.problem
    assert done.pseudonym.startswith("Former person ")
    texts = texts_in_database()
    for needle in (NAME, *ADDRESSES):
        assert [table for table, text in texts.items() if needle.casefold() in text.casefold()] == [], needle
    row = Person.objects.get(pk=who.pk)
    assert (row.name, row.is_active, row.has_usable_password()) == (done.pseudonym, False, False)
    assert not Session.objects.filter(person=who).exists()
    assert not Authenticator.objects.filter(user=who).exists()
    assert not EmailAddress.objects.filter(user=who).exists()
    # The mails to other administrators about the ticket system remain, without the person's name and addresses.
    mails = [unseal(mail, "content").reveal() for mail in AccountMail.objects.all()]
    assert mails
    assert [mail for mail in mails if any(text in mail for text in (NAME, *ADDRESSES))] == []
    with organization_scope(world.organization):
        for owner in (world.organization, world.home):
            assert verify_chain(owner).problems == ()
            assert journal.redactions(owner)
        assert JournalEntry.objects.filter(actor=f"{done.pseudonym} (person:{who.pk})").count() > 5
        assert JournalEntry.objects.count() > count
        assert f"Ask {done.pseudonym} or {done.pseudonym}." in Comment.objects.values_list("body", flat=True)
        assert list(Report.objects.values_list("sha256", flat=True)) == evidence
        entry = JournalEntry.objects.filter(details__redacted=str(done.pk)).latest("sequence")
        assert entry.target != "redacted", "only the name is replaced"
    with organization_scope(world.organization):
        assert set(ExclusionRule.objects.filter(tenant=world.home).values_list("name", "tag")) == {
            (f"Boxes of {done.pseudonym}", f"owner={done.pseudonym}")
        }
        mark = {"details__redacted": str(done.pk)}
        rows = (model.objects.filter(**mark).count() for model in (JournalEntry, OrganizationJournalEntry))
        assert done.redacted == sum(rows)


@pytest.mark.slow(seconds=1)
def test_requests_that_began_earlier_do_not_change_the_account(world: World) -> None:
    """A web request of the person may pass the session check, wait for the pseudonymisation, and then try to write."""
    who = leaver(world)
    end_access(world, who)
    run_confirmed(confirmed(world, who))
    with person_scope(who), pytest.raises(Conflict, match="disabled after you opened this page"):
        change_own_name(by=who, name=NAME)
    writes: list[Callable[[], object]] = [
        lambda: Person.objects.filter(pk=who.pk).update(name=NAME),
        lambda: Person.objects.filter(pk=who.pk).update(email=ADDRESSES[0]),
        lambda: EmailAddress.objects.create(user=who, email=ADDRESSES[1]),
        lambda: Authenticator.objects.create(user=who, type="webauthn", data={"name": NAME}),
        lambda: SocialAccount.objects.create(user=who, provider="sso", uid=NAME),
    ]
    for write in writes:
        with (
            pytest.raises(DatabaseError, match="a pseudonymised account does not change"),
            transaction.atomic(),
        ):
            write()
    Person.objects.filter(pk=who.pk).update(last_login=timezone.now())


def test_a_request_in_progress_and_the_pseudonymisation_do_not_block_each_other(committed: World) -> None:
    """Each web request first stores its time in the person's session. The request in this test then locks the account,
    as a change of the name does.
    """
    who = leaver(committed)
    signed_in_client(who)
    end_access(committed, who)
    erasure = confirmed(committed, who)

    def request(middle: Callable[[], None]) -> None:
        with transaction.atomic():
            assert Session.objects.filter(person=who).update(last_seen_at=timezone.now()) == 1
            middle()
            Person.objects.select_for_update(no_key=True).get(pk=who.pk)

    _, ended = run_in_the_middle(request, lambda: run_confirmed(erasure))
    assert ended.state == State.DONE
    assert not Session.objects.filter(person=who).exists()


def test_person_with_access_is_refused(world: World) -> None:
    first, second = administrators(world)
    who = leaver(world)
    with person_scope(first), pytest.raises(Conflict, match="still has access"):
        request_pseudonymisation(organization=world.organization, person=who, by=first, reason="x")
    elsewhere = factories.person()
    factories.member(Role.AUDITOR, world.foreign, elsewhere)
    with organization_scope(world.foreign.organization):
        Membership.objects.filter(person=elsewhere).update(valid_until=timezone.now())
    with person_scope(first), pytest.raises(Conflict, match="has never had a role in this organization"):
        request_pseudonymisation(organization=world.organization, person=elsewhere, by=first, reason="x")
    factories.member(Role.AUDITOR, world.home, elsewhere)
    with factories.in_tenant(world.home):
        Membership.objects.filter(person=elsewhere).update(valid_until=timezone.now())
    with person_scope(first), pytest.raises(Conflict, match="another organization"):
        request_pseudonymisation(organization=world.organization, person=elsewhere, by=first, reason="x")
    end_access(world, who)
    with person_scope(first):
        erasure = request_pseudonymisation(organization=world.organization, person=who, by=first, reason="x")
        with pytest.raises(PermissionDenied, match="someone else must confirm it"):
            confirm_erasure(erasure=erasure, by=first)
    factories.member(Role.AUDITOR, world.home, who)  # The person returns.
    with person_scope(second), pytest.raises(Conflict, match="still has access"):
        confirm_erasure(erasure=erasure, by=second)


def test_person_who_got_access_after_the_confirmation_is_not_pseudonymised(world: World) -> None:
    who = leaver(world)
    end_access(world, who)
    erasure = confirmed(world, who)
    factories.member(Role.AUDITOR, world.home, who)
    refused = run_confirmed(erasure)
    assert refused.state == State.CONFIRMED
    assert "still has access" in refused.problem
    with organization_scope(world.organization):
        Erasure.objects.filter(pk=erasure.pk).update(state=State.RUNNING, worked_at=None)
    with (
        organization_scope(world.organization),
        pytest.raises(DatabaseError, match="has or had other access"),
        transaction.atomic(),
    ):
        pseudonymise(Erasure.objects.get(pk=erasure.pk), who, erasure.pseudonym, System("tests"))
    assert Person.objects.get(pk=who.pk).name == NAME


def test_name_in_a_legal_hold_is_replaced(world: World) -> None:
    who, by = leaver(world), System("operator tests")
    with factories.in_tenant(world.home):
        place_hold(tenant=world.home, by=by, reason=f"Dispute with {NAME}")
        lift_hold(tenant=world.home, by=by, reason=f"Settled with {NAME}")
        place_hold(tenant=world.home, by=by, reason=f"Again: {NAME}")
    end_access(world, who)
    done = run_confirmed(confirmed(world, who))
    assert done.state == State.DONE, done.problem
    with factories.in_tenant(world.home):
        old, new = LegalHold.objects.order_by("placed_at")
        assert old.reason == f"Dispute with {done.pseudonym}"
        assert old.lift_reason == f"Settled with {done.pseudonym}"
        assert (new.reason, new.lifted_at) == (f"Again: {done.pseudonym}", None)
        with pytest.raises(DatabaseError, match="retention_guard_hold"), transaction.atomic():
            LegalHold.objects.filter(pk=new.pk).update(reason="Other")


def test_names_that_the_person_had_for_a_moment_change_no_texts_of_others(world: World) -> None:
    """People choose their names themselves, and may choose the name of a customer or colleague."""
    who, by = leaver(world), world.people["auditor"]
    body = f"Attestation expired at {world.home.name}, says {by.name}. {NAME} and Mira Berg agree."
    with person_scope(who):
        for name in ("Attestation expired", "approver", world.home.name, by.name, "Mira Berg", NAME):
            change_own_name(by=who, name=name)
    with factories.in_tenant(world.home):
        add_comment(finding=world.of(world.home)["finding"], by=by, body=body)
        events = list(
            TreatmentEvent.objects.exclude(actor__contains=NAME).order_by("pk").values_list("after")
        )
    with organization_scope(world.organization):
        role = journal.record(
            organization=world.organization,
            actor=System("tests"),
            action="membership.granted",
            target="x",
            details={"role": "approver"},
        )
    end_access(world, who)
    done = run_confirmed(confirmed(world, Person.objects.get(pk=who.pk)))
    assert done.state == State.DONE, done.problem
    with organization_scope(world.organization):
        assert Tenant.objects.get(pk=world.home.pk).name == world.home.name
        expected = body.replace(NAME, done.pseudonym).replace("Mira Berg", done.pseudonym)
        assert Comment.objects.filter(body=expected).exists()
        kept = TreatmentEvent.objects.exclude(actor__contains=done.pseudonym).order_by("pk")
        assert list(kept.values_list("after")) == events
        assert OrganizationJournalEntry.objects.get(sequence=role.sequence).details == {"role": "approver"}
        changed = OrganizationJournalEntry.objects.filter(action="account.name_changed")
        assert {row.details["to"] for row in changed} == {done.pseudonym}
        assert verify_chain(world.home).problems == ()


def test_name_of_one_word_replaces_no_other_words(world: World) -> None:
    """A person's name may be a word that occurs in keys and texts."""
    who = world.people["owner"]
    Person.objects.filter(pk=who.pk).update(name="owner")
    with factories.in_tenant(world.home):
        roles = dict(Membership.objects.values_list("pk", "role"))
        kinds = list(TreatmentEvent.objects.order_by("pk").values_list("kind", flat=True))
    end_access(world, who)
    done = run_confirmed(confirmed(world, Person.objects.get(pk=who.pk)))
    assert done.state == State.DONE
    with factories.in_tenant(world.home):
        assert roles.items() <= dict(Membership.objects.values_list("pk", "role")).items()
        assert list(TreatmentEvent.objects.order_by("pk").values_list("kind", flat=True)) == kinds
        for entry in JournalEntry.objects.filter(action="finding.assigned"):
            assert not [key for key in entry.details if key.startswith("Former")]


def test_command_and_an_administrator_pseudonymise_a_person(world: World) -> None:
    who, (first, _) = leaver(world), administrators(world)
    with pytest.raises(CommandError, match="No person has the email address"):
        call_command("pseudonymise_person", "nobody@example.com", "--run")
    with pytest.raises(CommandError, match="still has access"):
        call_command("pseudonymise_person", who.email, "--reason", "Left")
    end_access(world, who)
    call_command("pseudonymise_person", who.email, "--reason", "Left", stdout=StringIO())
    with person_scope(first):
        confirm_erasure(erasure=Erasure.objects.get(subject=who.pk), by=first)
    out = StringIO()
    call_command("pseudonymise_person", who.email, "--run", stdout=out)
    assert ": done" in out.getvalue()
    assert Person.objects.get(pk=who.pk).name.startswith("Former person ")


def test_access_after_the_request_withdraws_the_pseudonymisation(world: World) -> None:
    """Two administrators approve the pseudonymisation of a person who has left.

    If the person comes back and leaves again, the administrators must approve a new request.
    """
    who = leaver(world)
    end_access(world, who)
    first, second = administrators(world)
    with person_scope(first):
        waiting = request_pseudonymisation(
            organization=world.organization, person=who, by=first, reason="Mira left"
        )
    factories.member(Role.ORGANIZATION_ENGINEER, world.organization, who)
    end_access(world, who)
    with person_scope(second), pytest.raises(Conflict, match="got access again after this request"):
        confirm_erasure(erasure=waiting, by=second)


def test_access_after_the_confirmation_withdraws_the_pseudonymisation(world: World) -> None:
    who = leaver(world)
    end_access(world, who)
    erasure = confirmed(world, who)
    factories.member(Role.ORGANIZATION_ENGINEER, world.organization, who)
    end_access(world, who)
    with organization_scope(world.organization):
        Erasure.objects.filter(pk=erasure.pk).update(problem="")
    assert run_confirmed(erasure).state == State.WITHDRAWN
    who.refresh_from_db()
    assert who.name == NAME


def test_mail_to_the_person_is_removed_from_mail_files(world: World, tmp_path: Path, settings: Any) -> None:
    backend = "portal.notify.delivery.mail_files.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": {"file_path": str(tmp_path)}}}
    who = leaver(world)
    EmailAddress.objects.create(user=who, email=ADDRESSES[1])
    sender, others = "surety@example.com", "auditor@example.com"
    to = [f"{NAME} <{who.email.upper()}>", ADDRESSES[1], others]
    mailers["default"].send_messages([EmailMessage(f"To {one}", NAME, sender, [one]) for one in to])
    end_access(world, who)
    assert run_confirmed(confirmed(world, who)).state == State.DONE
    kept = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert [line for line in kept.splitlines() if line.startswith("To: ")] == [f"To: {others}"]


def test_the_person_is_removed_from_the_recipients_of_reports(world: World) -> None:
    """If the person remained a recipient, each run would send a report to the pseudonym, which is not an address."""
    who = leaver(world)
    EmailAddress.objects.create(user=who, email=ADDRESSES[1])
    given = choices(name="Of all", addresses=[who.email, ADDRESSES[1], "it@contoso.example"])
    with organization_scope(world.organization):
        add_schedule(place=world.organization, by=factories.BY, choices=given)
        add_schedule(place=world.home, by=factories.BY, choices={**given, "name": "Own"})
    end_access(world, who)
    assert run_confirmed(confirmed(world, who)).state == State.DONE
    with organization_scope(world.organization):
        rows = [
            *OrganizationReportSchedule.objects.filter(name=given["name"]),
            *ReportSchedule.objects.filter(tenant=world.home, name__in=(given["name"], "Own")),
        ]
    assert len(rows) == 3
    assert [[one["address"] for one in row.addresses] for row in rows] == [["it@contoso.example"]] * 3


def test_links_name_the_person_no_longer_and_stop(world: World) -> None:
    who = leaver(world)
    report = world.of(world.home)["report"]
    with organization_scope(world.organization):
        links = [
            ReportLink.objects.create(
                tenant=world.home,
                report_number=report.number,
                recipient=recipient,
                token_hash=f"{number:064}",
                made_by=who,
                expires_at=timezone.now() + timedelta(days=9),
            )
            for number, recipient in enumerate((who.email, f"{NAME}, Contoso", "it@contoso.example"))
        ]
    end_access(world, who)
    done = run_confirmed(confirmed(world, who))
    assert done.state == State.DONE, done.problem
    with organization_scope(world.organization):
        found = [ReportLink.objects.get(pk=row.pk) for row in links]
        made = [row.made_by for row in found]
    assert [row.recipient for row in found] == [
        done.pseudonym,
        f"{done.pseudonym}, Contoso",
        "it@contoso.example",
    ]
    assert [row.revoked_at is not None for row in found] == [True, True, False]
    assert {getattr(one, "name", done.pseudonym) for one in made} == {done.pseudonym}


def test_reports_are_no_longer_sent_to_the_person(world: World) -> None:
    """If the pseudonym replaced the person as a confirmed recipient, sending a report to it would fail each time."""
    who, other = leaver(world), world.people["auditor"]
    outside = {"people": [who.pk, other.pk], "addresses": [*ADDRESSES, "it@contoso.example"]}
    record_for(
        who, actor=who, action="account.address_changed", details={"from": ADDRESSES[1], "to": ADDRESSES[0]}
    )
    with organization_scope(world.organization):
        of_all = add_schedule(
            place=world.organization,
            by=factories.BY,
            choices=choices(name="Of all", label="", **outside),
        )
        own = add_schedule(place=world.home, by=factories.BY, choices=choices(name="Own", **outside))
        run_of = ReportRun.objects.filter(tenant=world.home)[0]
        waiting = [
            ReportDelivery.objects.create(
                tenant=world.home, run=run_of, due_at=timezone.now() + timedelta(days=1), **recipient
            )
            for recipient in (
                {"person": who},
                {"address": ADDRESSES[1]},
                {"address": "other@contoso.example"},
            )
        ]
        run_of_portfolio = PortfolioRun.objects.filter(organization=world.organization)[0]
        of_portfolio = [
            PortfolioDelivery.objects.create(
                organization=world.organization,
                run=run_of_portfolio,
                due_at=timezone.now() + timedelta(days=1),
                **recipient,
            )
            for recipient in (
                {"person": who},
                {"address": ADDRESSES[1]},
                {"address": "other@contoso.example"},
            )
        ]
    end_access(world, who)
    assert run_confirmed(confirmed(world, who)).state == State.DONE
    with organization_scope(world.organization):
        copy = ReportSchedule.objects.get(tenant=world.home, origin=of_all.pk)
        for row in (of_all, own, copy):
            row.refresh_from_db()
            assert row.people == [other.pk]
            assert [entry["address"] for entry in row.addresses] == ["it@contoso.example"]
        for model, rows in ((ReportDelivery, waiting), (PortfolioDelivery, of_portfolio)):
            states = [model.objects.get(pk=row.pk).state for row in rows]
            assert states == ["stopped", "stopped", "waiting"]
        action = "report_schedule.recipient_removed"
        (of_organization,) = OrganizationJournalEntry.objects.filter(action=action)
        (of_customer,) = JournalEntry.objects.filter(tenant=world.home, action=action)
        assert (of_organization.details["name"], of_customer.details["name"]) == ("Of all", "Own")
        assert of_customer.details["recipients"] == 2
        for owner in (world.organization, world.home):
            assert verify_chain(owner).problems == ()


def test_reasons_of_excluded_delegations_are_replaced(world: World) -> None:
    """Delegations belong to the organization, not to a customer, but the reason for excluding one can name a person."""
    who = leaver(world)
    row = factories.delegation(factories.managing_principal(world.organization))
    assigned = factories.delegation(
        factories.managing_principal(world.organization), name=f"Lab of {who.email}"
    )
    by = administrators(world)
    with organization_scope(world.organization):
        exclude_delegations(
            by=System("tests"),
            organization=world.organization,
            ids=[row.pk],
            reason=f"{who.email} tests here",
        )
    end_access(world, who)
    with person_scope(by[0]):
        erasure = request_pseudonymisation(
            organization=world.organization, person=who, by=by[0], reason="Left"
        )
    with person_scope(by[1]):
        confirm_erasure(erasure=erasure, by=by[1])
    run_erasure(organization_id=world.organization.pk, erasure_id=erasure.pk)
    with organization_scope(world.organization):
        erasure.refresh_from_db()
        assert (erasure.state, erasure.problem) == (State.DONE, "")
        row.refresh_from_db()
        assigned.refresh_from_db()
    assert row.decision_reason == f"{erasure.pseudonym} tests here"
    assert assigned.display_name == f"Lab of {erasure.pseudonym}"
