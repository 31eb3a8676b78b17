"""Configuration files: export, plan and apply, and which files are refused."""

from __future__ import annotations

import difflib
import getpass
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from assessments.models import ControlSetting, Schedule
from portal.configuration import actions as actions_module
from portal.configuration import locks, schema
from portal.configuration import plan as plan_module
from portal.configuration.actions import (
    apply,
    apply_upload,
    delete_old_files,
    upload,
)
from portal.configuration.management.commands.generate_configuration_schema import schema_text
from portal.configuration.models import ConfigurationFile
from portal.configuration.plan import plan
from portal.configuration.problems import MAX_PROBLEMS, UnusableFile
from portal.configuration.schema import contradictions
from portal.configuration.sections import customer as plan_customer
from portal.configuration.sections import owner_rules as plan_rules
from portal.configuration.yaml_text import read, write
from portal.notify.actions import channels as channels_module
from portal.notify.actions.channels import change_channel, rotate_secret, switch_channel
from portal.notify.models import Channel
from portal.treatment.actions.owners import rules as rules_module
from portal.treatment.models import OwnerRule
from tenants import journal
from tenants.actions import accept_invitation, change_tenant, invite
from tenants.actions.members import revoke_membership
from tenants.actors import System
from tenants.errors import Conflict
from tenants.ids import uuid7
from tenants.models import (
    Invitation,
    JournalEntry,
    Membership,
    Organization,
    OrganizationJournalEntry,
    Person,
    Tenant,
)
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.assessments.own.published import publish_control
from tests.concurrency import run_concurrently, run_in_the_middle
from tests.portal.configuration.conftest import ConfiguredCustomer

pytestmark = [pytest.mark.django_db, pytest.mark.slow(seconds=15)]
OPERATOR = System("operator somebody")


def test_export_applies_without_a_change_and_contains_no_secret(configured: ConfiguredCustomer) -> None:
    text = configured.export()
    assert "a-secret-path" not in text
    assert "8.8.8.8" not in text
    assert "address: set on the page" in text
    with person_scope(configured.admin):
        assert plan(text.encode(), organization=configured.organization, by=configured.admin).steps == []
    assert configured.apply(text.encode()) == []
    with person_scope(configured.admin):
        assert not OrganizationJournalEntry.objects.filter(action="configuration.applied").exists()


def test_export_of_rules_about_own_controls_applies_without_a_change(configured: ConfiguredCustomer) -> None:
    own = publish_control(configured.organization).slug
    rules = [{"name": "Tags", "owner": configured.owner.email, "control": own}]
    assert configured.apply(configured.file({"owner_rules": rules}))
    with factories.in_tenant(configured.tenant):
        assert OwnerRule.objects.get().control == own
    assert configured.apply(configured.export().encode()) == []
    missing = [{**rules[0], "control": "own-northlight-none"}]
    assert "There is no control “own-northlight-none”" in str(
        configured.problems(configured.file({"owner_rules": missing}))
    )


def test_everything_changes_once(configured: ConfiguredCustomer) -> None:
    content = configured.file(
        {
            "name": "Contoso Ltd",
            "time_zone": "Europe/Berlin",
            "labels": ["gold", "north"],
            "schedule": "Mon-Fri 02:00 within 60",
            "policy": {
                "exception_cap_days": 90,
                "due_days": {"critical": 5, "high": 30, "medium": 90, "low": 180, "info": 365},
            },
            "parameters": {"storage-key-rotation": {"max_age": 60}},
            "owner_rules": [
                {"name": "Keys", "owner": configured.owner.email, "control": "storage-key-rotation"},
                {"name": "Rest", "owner": configured.owner.email, "enabled": False},
                {
                    "name": "Storage",
                    "owner": configured.owner.email,
                    "section": "storage",
                    "severity": "high",
                },
            ],
            "channels": [
                {"name": "Alerts", "kind": "webhook", "events": ["assigned", "overdue"], "enabled": False},
                {"name": "Teams", "kind": "teams", "events": ["assigned"]},
            ],
        },
        name="Northlight Managed",
        schedule="daily 03:00",
    )
    texts = configured.apply(content)
    assert any(
        "5" in text and text.startswith("Days until findings are due: critical 7 → critical 5")
        for text in texts
    )
    with person_scope(configured.admin):
        tenant = Tenant.objects.get(pk=configured.tenant.pk)
        assert (tenant.name, tenant.timezone, tenant.labels) == (
            "Contoso Ltd",
            "Europe/Berlin",
            ["gold", "north"],
        )
        assert (tenant.exception_cap_days, tenant.due_days["critical"]) == (90, 5)
        assert Schedule.objects.get(tenant=tenant).rule == "Mon-Fri 02:00 within 60"
        assert ControlSetting.objects.get(tenant=tenant).values == {"max_age": 60}
        rules = OwnerRule.objects.filter(tenant=tenant).order_by("position")
        assert [(rule.name, rule.enabled, rule.severity) for rule in rules] == [
            ("Keys", True, ""),
            ("Rest", False, ""),
            ("Storage", True, "high"),
        ]
        channels = Channel.objects.filter(tenant=tenant).order_by("name")
        assert [(row.name, row.kind, row.kinds, row.enabled, row.host) for row in channels] == [
            ("Alerts", "webhook", ["assigned", "overdue"], False, "8.8.8.8"),
            ("Teams", "teams", ["assigned"], False, ""),
        ]
        organization = Organization.objects.get(pk=configured.organization.pk)
        assert (organization.name, organization.default_schedule) == (
            "Northlight Managed",
            "daily 03:00 within 120",
        )
        entry = OrganizationJournalEntry.objects.get(action="configuration.applied")
        assert entry.actor.startswith(configured.admin.email)
        assert (
            JournalEntry.objects.filter(action="owner_rule.created")
            .last()
            .actor.startswith(configured.admin.email)
        )
        assert journal.verify(tenant) == []
    # Applying the file again changes nothing. It only lists the step for which a person must enter a secret.
    assert configured.apply(content) == [
        "Channel “Teams”: enter its address under Settings, Channels. Then turn the channel on."
    ]


def test_a_channel_of_a_file_is_off_until_a_person_has_entered_its_address(
    configured: ConfiguredCustomer,
) -> None:
    listed = [
        {"name": "Alerts", "kind": "webhook", "events": ["assigned"]},
        {"name": "Tickets", "kind": "webhook", "events": ["overdue", "assigned"]},
        {"name": "Later", "kind": "slack", "events": ["overdue"], "enabled": False},
    ]
    content = configured.file({"channels": listed})
    to_do = (
        "Channel “Tickets”: enter its address under Settings, Channels. Replace its secret, and enter the new secret"
        " at the receiver. Then turn the channel on."
    )
    assert configured.apply(content) == [
        "Channel “Tickets”: adds the channel without an address and turned off; events: assigned, overdue",
        to_do,
        "Channel “Later”: adds the channel without an address and turned off; events: overdue",
    ]
    assert configured.apply(content) == [to_do]
    with person_scope(configured.admin):
        channel = Channel.objects.get(name="Tickets")
        assert not channel.enabled
        with pytest.raises(Conflict, match="no address yet"):
            switch_channel(channel=channel, by=configured.admin, enabled=True)
        with pytest.raises(IntegrityError, match="notify_channel_address"), transaction.atomic():
            Channel.objects.filter(pk=channel.pk).update(enabled=True)
        change_channel(
            channel=channel,
            by=configured.admin,
            name="Tickets",
            kinds=channel.kinds,
            address="https://8.8.4.4/x",
        )
        switch_channel(channel=channel, by=configured.admin, enabled=True)
        assert rotate_secret(channel=channel, by=configured.admin)
    assert configured.apply(content) == []
    assert configured.apply(configured.export().encode()) == []


def test_missing_keys_change_nothing_and_missing_entries_are_removed(configured: ConfiguredCustomer) -> None:
    assert configured.apply(configured.file({})) == []
    texts = configured.apply(configured.file({"owner_rules": [], "channels": []}))
    assert len(texts) == 3
    with person_scope(configured.admin):
        assert not OwnerRule.objects.filter(tenant=configured.tenant).exists()
        assert not Channel.objects.filter(tenant=configured.tenant).exists()


def test_missing_parameters_and_keys_get_their_defaults(configured: ConfiguredCustomer) -> None:
    """Parameters that the file does not name, and keys that an entry of a list lacks, get their default values."""
    chosen = {"storage-key-rotation": {"max_age": 60}, "identity-stale-users": {"max_age": 100}}
    rule = {"name": "Storage", "owner": configured.owner.email, "section": "storage", "severity": "high"}
    configured.apply(
        configured.file({"parameters": chosen, "owner_rules": [{**rule, "enabled": False}], "channels": []})
    )
    only_some = {"parameters": {"storage-key-rotation": {"max_age": 60}}, "owner_rules": [rule]}
    texts = configured.apply(configured.file(only_some))
    assert texts[0] == "Parameters of identity-stale-users: max_age 100 → 90"
    assert texts[1].startswith("Owner rule “Storage”: ")
    with person_scope(configured.admin):
        assert OwnerRule.objects.get(tenant=configured.tenant).enabled
    rule_in_words = (
        "if the file lacks a key of the organization or of a customer, this setting does not change."
        " but lists,"
    )
    for text in (configured.export(), schema_text()):
        assert rule_in_words in text.lower()


def _people(configured: ConfiguredCustomer, *entries: Mapping[str, Any]) -> bytes:
    own = {"email": configured.owner.email, "role": "owner"}
    return configured.file({"people": [own, *entries]})


def test_people_are_granted_invited_shortened_and_ended(configured: ConfiguredCustomer) -> None:
    known = factories.member(Role.ORGANIZATION_ENGINEER, configured.organization)
    texts = configured.apply(
        _people(
            configured,
            {"email": known.email, "role": "approver"},
            {"email": "New@Example.com", "role": "auditor", "until": "2099-03-31"},
        )
    )
    assert len(texts) == 2
    with person_scope(configured.admin):
        granted = Membership.objects.get(person=known, tenant=configured.tenant)
        assert granted.confirmation == Membership.Confirmation.WAITING
        assert granted.granted_by == configured.admin
        invitation = Invitation.objects.get(email="new@example.com", tenant=configured.tenant)
        assert invitation.access_until.isoformat() == "2099-03-31T23:59:59+00:00"
    assert configured.apply(configured.export().encode()) == []
    end = (timezone.now() + timedelta(days=30)).date().isoformat()
    texts = configured.apply(
        configured.file({"people": [{"email": configured.owner.email, "role": "owner", "until": end}]})
    )
    assert [text.partition(":")[2].strip() for text in texts] == [
        f"end without end → {end}",
        "ends the access",
        "withdraws the invitation",
    ]
    with person_scope(configured.admin):
        row = Membership.objects.get(person=configured.owner, tenant=configured.tenant)
        assert row.valid_until.date().isoformat() == end
        assert not Invitation.objects.filter(accepted_at=None, expires_at__gt=timezone.now()).exists()
    # Extending a role creates a second membership.
    configured.apply(_people(configured))
    with person_scope(configured.admin):
        assert Membership.objects.filter(person=configured.owner, tenant=configured.tenant).count() == 2


def test_review_periods_of_auditors_are_set_and_changed(configured: ConfiguredCustomer) -> None:
    auditor = {
        "email": factories.member(Role.OWNER, configured.tenant).email,
        "role": "auditor",
        "until": "2099-03-31",
    }
    invited = {"email": "new@example.com", "role": "auditor", "until": "2099-03-31"}
    winter = {"review_first": "2026-01-01", "review_last": "2026-03-31"}
    configured.apply(_people(configured, auditor | winter, invited | winter))
    assert configured.apply(configured.export().encode()) == []
    spring = {"review_first": "2026-04-01", "review_last": "2026-06-30"}
    texts = configured.apply(_people(configured, auditor | spring, invited))
    assert [text.partition(": ")[2] for text in texts] == [
        "review period 1 January to 31 March 2026 → 1 April to 30 June 2026",
        "review period 1 January to 31 March 2026 → all records; invites again",
    ]
    with person_scope(configured.admin):
        row = Membership.objects.get(person__email=auditor["email"], role=Role.AUDITOR)
        assert str(row.review_period) == "1 April to 30 June 2026"
        # Give the auditor a second role without a review period, and so access to all records.
        row.pk, row._state.adding = uuid7(), True
        row.review_first = row.review_last = None
        row.save()
        assert Invitation.objects.filter(email="new@example.com").latest("created_at").review_period is None
    assert [
        text.partition(": ")[2] for text in configured.apply(_people(configured, auditor | spring, invited))
    ] == ["review period 1 April to 30 June 2026 and all records → 1 April to 30 June 2026"]
    assert configured.apply(_people(configured, auditor | spring, invited)) == []


def test_the_plan_shows_a_changed_review_period_beside_a_changed_end(configured: ConfiguredCustomer) -> None:
    """If the plan showed only the changed end of the role, a person would apply the file without seeing which records
    the auditor will be able to read.
    """
    auditor = {"email": factories.member(Role.OWNER, configured.tenant).email, "role": "auditor"}
    invited = {"email": "new@example.com", "role": "auditor"}
    winter = {"until": "2099-03-31", "review_first": "2026-01-01", "review_last": "2026-03-31"}
    configured.apply(_people(configured, auditor | winter, invited | winter))
    earlier, later = {"until": "2098-03-31"}, {"until": "2099-06-30"}
    spring = {"review_first": "2026-04-01", "review_last": "2026-06-30"}
    texts = configured.apply(_people(configured, auditor | earlier, invited | later | spring))
    first, second = "1 January to 31 March 2026", "1 April to 30 June 2026"
    assert [text.partition(": ")[2] for text in texts] == [
        f"end 2099-03-31 → 2098-03-31; review period {first} → all records",
        f"end 2099-03-31 → 2099-06-30; review period {first} → {second}; invites again",
    ]
    [text] = configured.apply(_people(configured, auditor | later | spring, invited | later | spring))
    end = "end 2098-03-31 → 2099-06-30; review period all records"
    assert text.endswith(f"{end} → {second}; ends the role now and grants it again")


def test_a_leaver_must_accept_an_invitation_again(configured: ConfiguredCustomer) -> None:
    """A person whose earlier role expired or was removed has not agreed to a new role."""
    left = factories.member(Role.OWNER, configured.tenant)
    with person_scope(configured.admin):
        Membership.objects.filter(person=left).update(valid_until=timezone.now())
    (text,) = configured.apply(_people(configured, {"email": left.email, "role": "owner"}))
    assert "invites by mail" in text
    with person_scope(configured.admin):
        assert not Membership.objects.filter(person=left, valid_until=None).exists()
        assert Invitation.objects.filter(
            email=left.email, tenant=configured.tenant, accepted_at=None
        ).exists()


def test_access_of_people_without_an_account_can_start_later(configured: ConfiguredCustomer) -> None:
    days = [(timezone.now() + timedelta(days=number)).date().isoformat() for number in (30, 60, 90, 120)]
    first, second = (
        {"email": "new@example.com", "role": "owner", **period}
        for period in (
            {"from": days[0], "until": days[1]},
            {"from": days[2], "until": days[3]},
        )
    )
    texts = configured.apply(_people(configured, first, second))
    assert [
        text
        for text in texts
        if f"new@example.com as Owner, from {days[0]}, until {days[1]}: invites" in text
    ]
    assert len(texts) == 2
    with person_scope(configured.admin):
        rows = Invitation.objects.filter(email="new@example.com").order_by("access_from")
        assert [row.access_from.date().isoformat() for row in rows] == [days[0], days[2]]
    assert configured.apply(configured.export().encode()) == []
    assert len(configured.apply(_people(configured, second))) == 1
    with person_scope(configured.admin):
        (row,) = Invitation.objects.filter(email="new@example.com", expires_at__gt=timezone.now())
        assert row.access_from.date().isoformat() == days[2]


def test_the_start_of_access_can_be_moved(configured: ConfiguredCustomer) -> None:
    known = factories.member(Role.ORGANIZATION_ENGINEER, configured.organization)
    for days in (60, 30, 90):
        start = (timezone.now() + timedelta(days=days)).date().isoformat()
        configured.apply(_people(configured, {"email": known.email, "role": "owner", "from": start}))
        with person_scope(configured.admin):
            rows = Membership.objects.filter(person=known, tenant=configured.tenant)
            (row,) = rows.exclude(valid_until__lte=F("valid_from"))
            assert row.valid_from.date().isoformat() == start


def test_nobody_changes_their_own_access(configured: ConfiguredCustomer) -> None:
    second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, configured.organization)
    other = {"email": second.email, "role": "organization_administrator"}
    (problem,) = configured.problems(configured.file(people=[other]))
    assert "your own access" in problem
    (problem,) = configured.problems(
        _people(configured, {"email": configured.admin.email, "role": "approver"})
    )
    assert "Line 9" in problem
    assert "your own access" in problem


def test_operator_cannot_appoint_an_approver_alone(configured: ConfiguredCustomer) -> None:
    known = factories.member(Role.OWNER, configured.tenant)
    content = _people(
        configured,
        {"email": known.email, "role": "owner"},
        {"email": known.email, "role": "approver"},
        {"email": "later@example.com", "role": "approver"},
    )
    with organization_scope(configured.organization):
        apply(content, organization=configured.organization, by=OPERATOR)
        row = Membership.objects.get(person=known, role=Role.APPROVER)
        assert row.confirmation == Membership.Confirmation.WAITING
        _, token = invite(
            by=OPERATOR,
            organization=configured.organization,
            tenant=configured.tenant,
            email="later@example.com",
            role=Role.APPROVER,
        )
    later = factories.person("later@example.com")
    with person_scope(later):
        accepted = accept_invitation(by=later, token=token)
    assert accepted.confirmation == Membership.Confirmation.WAITING


def test_last_administrator_cannot_be_removed(configured: ConfiguredCustomer) -> None:
    with organization_scope(configured.organization), pytest.raises(UnusableFile) as raised:
        plan(configured.file(people=[]), organization=configured.organization, by=OPERATOR)
    assert "last administrator" in raised.value.message


def test_all_or_nothing(configured: ConfiguredCustomer) -> None:
    stranger = factories.member(Role.AUDITOR, configured.tenant)
    content = configured.file(
        {
            "name": "Renamed",
            "labels": ["gold"],
            "owner_rules": [{"name": "Bad", "owner": stranger.email}],
        }
    )
    (problem,) = configured.problems(content)
    assert problem.startswith("Line 10: Contoso: ")
    with person_scope(configured.admin), pytest.raises(UnusableFile):
        apply(content, organization=configured.organization, by=configured.admin)
    with person_scope(configured.admin):
        assert Tenant.objects.get(pk=configured.tenant.pk).name == "Contoso"
        assert OwnerRule.objects.filter(tenant=configured.tenant).count() == 2
        assert not JournalEntry.objects.filter(action="tenant.changed").exists()


def test_a_plan_is_of_a_state(configured: ConfiguredCustomer) -> None:
    content = configured.file({"labels": ["gold"]})
    with person_scope(configured.admin):
        digest = plan(content, organization=configured.organization, by=configured.admin).digest
        # After the plan, settings that are not in the file may change. The plan can still be applied.
        change_tenant(by=configured.admin, tenant=configured.tenant, timezone="Europe/Paris")
        assert plan(content, organization=configured.organization, by=configured.admin).digest == digest
        change_tenant(by=configured.admin, tenant=configured.tenant, labels=["silver"])
    with person_scope(configured.admin), pytest.raises(Conflict) as raised:
        apply(content, organization=configured.organization, by=configured.admin, expected=digest)
    assert raised.value.code == "changed_meanwhile"
    with person_scope(configured.admin):
        assert Tenant.objects.get(pk=configured.tenant.pk).labels == ["silver"]


def test_an_upload_is_applied_once_and_by_its_uploader(configured: ConfiguredCustomer) -> None:
    with person_scope(configured.admin):
        row, _ = upload(
            organization=configured.organization,
            by=configured.admin,
            file_name="a.yaml",
            content=configured.file({"labels": ["gold"]}),
        )
    second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, configured.organization)
    with person_scope(second), pytest.raises(Conflict):
        apply_upload(file=row, by=second)
    with person_scope(configured.admin):
        assert len(apply_upload(file=row, by=configured.admin).changes) == 1
        stored = ConfigurationFile.objects.get(pk=row.pk)
        assert (stored.content, stored.changes) == ("", 1)
        with pytest.raises(Conflict):
            apply_upload(file=row, by=configured.admin)


def test_files_that_nobody_applied_are_deleted_after_a_day(configured: ConfiguredCustomer) -> None:
    with person_scope(configured.admin):
        content = configured.file({"labels": ["gold"]})
        given = {"organization": configured.organization, "by": configured.admin, "file_name": "a.yaml"}
        old, _ = upload(content=content, **given)
        upload(content=content, **given)
        ConfigurationFile.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
    assert delete_old_files(organization_id=configured.organization.pk) == 1


@pytest.mark.parametrize(
    ("customer", "words"),
    [
        ({"lables": ["gold"]}, "Line 6: “lables” is not a key of “customers”. Did you mean “labels”?"),
        ({"labels": "gold"}, "Line 6: “labels” must be a list"),
        ({"labels": [2026]}, "Put it into quotation marks."),
        ({"labels": ["a,b"]}, "Line 6: The label “a,b” is invalid."),
        ({"name": None}, "“name” must be a text, not empty."),
        ({"time_zone": "Europe/Atlantis"}, "Unknown time zone"),
        ({"schedule": "Someday 02:00"}, "is neither a weekday nor a time"),
        ({"policy": {"exception_cap_days": 0}}, "must be at least 1"),
        ({"policy": {"due_days": {"critical": 1}}}, "The key “high” is missing"),
        ({"parameters": {"storage-key-rotatoin": {}}}, "Did you mean “storage-key-rotation”?"),
        ({"parameters": {"storage-key-rotation": {"max_age": "90"}}}, "must be a number"),
        ({"owner_rules": [{"name": "A", "owner": "nobody@example.com"}]}, "has no access to this customer"),
        ({"owner_rules": [{"name": "A", "owner": "nobody@example.com"}]}, "Invite the person first"),
        ({"owner_rules": [{"name": "A", "owner": "x@y.z", "section": "storge"}]}, "Did you mean “storage”?"),
        (
            {"owner_rules": [{"name": "A", "owner": "x@y.z", "control": "storage-min-tl"}]},
            "“control” cannot be “storage-min-tl”. Did you mean “storage-min-tls”?",
        ),
        ({"channels": [{"name": "Alerts", "kind": "teams", "events": ["assigned"]}]}, "cannot be changed"),
        (
            {"channels": [{"name": "A", "kind": "teams", "events": ["assigned"], "address": "https://x"}]},
            "is a secret",
        ),
        ({"credentials": "secret"}, "is a secret"),
        ({"people": [{"email": "a@b.example", "role": "ownr"}]}, "Did you mean “owner”?"),
        ({"people": [{"email": "a@b.example", "role": "auditor"}]}, "must end"),
        (
            {"people": [{"email": "a@b.example", "role": "owner", "review_first": "2026-01-01"}]},
            "Enter the last day of the review period too",
        ),
        (
            {
                "people": [
                    {
                        "email": "a@b.example",
                        "role": "owner",
                        "review_first": "2026-01-01",
                        "review_last": "2026-03-31",
                    }
                ]
            },
            "Only auditors can have a review period.",
        ),
        ({"people": [{"email": "a@b.example", "role": "auditor", "until": "31.3.2099"}]}, "is not a date"),
        (
            {
                "people": [
                    {"email": "a@b.example", "role": "auditor", "until": "9999-12-31T23:00:00-05:00"},
                ]
            },
            "is not a date",
        ),
        ({"labels": ["gold\u202e"]}, "invisible control character"),
        ({"people": [{"email": "a b", "role": "owner"}]}, "Enter an email address"),
        ({"people": [{"email": "a@b.example", "role": "owner"}] * 2}, "has the same person and role"),
    ],
)
def test_bad_input_is_refused_with_its_line(
    configured: ConfiguredCustomer, customer: dict[str, Any], words: str
) -> None:
    found = configured.problems(configured.file(customer))
    assert any(words in problem for problem in found), found
    assert all(problem.startswith("Line ") for problem in found)


def test_unknown_and_doubled_customers(configured: ConfiguredCustomer) -> None:
    data = read(configured.file({})).data
    data["customers"] = [{"short_name": "contosoo"}, {"short_name": "contoso"}, {"short_name": "contoso"}]
    first, second = configured.problems(write(data).encode())
    assert "No customer has the short name “contosoo”. Did you mean “contoso”?" in first
    assert "is already listed above" in second
    data["customers"], data["organization"]["short_name"] = [], "another"
    (problem,) = configured.problems(write(data).encode())
    assert "another organization" in problem


def test_customers_of_another_organization_are_unknown(configured: ConfiguredCustomer) -> None:
    foreign = factories.tenant(factories.organization(), "Foreign")
    data = read(configured.file({})).data
    data["customers"] = [{"short_name": foreign.slug}]
    (problem,) = configured.problems(write(data).encode())
    assert f"No customer has the short name “{foreign.slug}”" in problem


def test_only_the_first_problems_are_looked_for(
    configured: ConfiguredCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding a problem takes time, and a file can contain a hundred thousand problems."""
    asked: list[str] = []

    def counted(word: str, known: Iterable[str]) -> str:
        asked.append(word)
        return ""

    monkeypatch.setattr(contradictions, "nearest", counted)
    monkeypatch.setattr(plan_module, "nearest", counted)
    monkeypatch.setattr(plan_rules, "nearest", counted)
    many = [f"unknown-{number}" for number in range(500)]
    rules = [{"name": name, "owner": f"{name}@example.com"} for name in many[:200]]
    for content in (
        configured.file({"parameters": {name: {} for name in many}}),
        write(
            {**read(configured.file()).data, "customers": [{"short_name": name} for name in many]}
        ).encode(),
        configured.file({"owner_rules": rules}),
    ):
        asked.clear()
        assert len(configured.problems(content)) == MAX_PROBLEMS
        assert len(asked) == MAX_PROBLEMS


def test_refusals_of_steps_end_at_the_limit(configured: ConfiguredCustomer) -> None:
    auditors = [{"email": f"a{number}@example.com", "role": "auditor"} for number in range(60)]
    assert len(configured.problems(configured.file({"people": auditors}))) == MAX_PROBLEMS


def test_a_guess_compares_few_of_many_words(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    real = difflib.get_close_matches

    def counted(word: str, known: Iterable[str], **given: Any) -> list[str]:
        known = list(known)
        compared.append(len(known))
        return real(word, known, **given)

    monkeypatch.setattr(difflib, "get_close_matches", counted)
    known = [f"customer-{number:04}" for number in range(2000)]
    assert schema.nearest("Custmer-0042" * 500, known) == ""
    assert "customer-1234" in schema.nearest("custmer-1234", known)
    assert compared == [100, 100]


def test_rules_are_exchanged_at_their_maximum_number(
    configured: ConfiguredCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules_module, "MAX_RULES", 2)
    content = configured.file(
        {"owner_rules": [{"name": name, "owner": configured.owner.email} for name in ("A", "B")]}
    )
    assert len(configured.apply(content)) == 4
    with person_scope(configured.admin):
        found = OwnerRule.objects.filter(tenant=configured.tenant).order_by("position")
        assert [rule.name for rule in found] == ["A", "B"]


def test_channels_are_exchanged_at_their_maximum_number(
    configured: ConfiguredCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels_module, "MAX_CHANNELS", 1)
    configured.apply(
        configured.file(
            {"channels": [{"name": "Later", "kind": "slack", "events": ["overdue"], "enabled": False}]}
        )
    )
    with person_scope(configured.admin):
        assert [row.name for row in Channel.objects.filter(tenant=configured.tenant)] == ["Later"]


def test_names_are_compared_as_they_are_stored(configured: ConfiguredCustomer) -> None:
    content = configured.file({"name": "  Contoso   Ltd "}, name=" Northlight   Managed ")
    assert len(configured.apply(content)) == 2
    assert configured.apply(content) == []
    (problem,) = configured.problems(configured.file(name="North\nlight"))
    assert "Line 4" in problem


def test_a_page_refuses_a_file_with_too_many_journal_entries(
    configured: ConfiguredCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One new role in the organization adds three entries: one in the organization's journal, and one in the journal of
    each of its two customers.
    """
    factories.tenant(configured.organization, "Fabrikam")
    own = {"email": configured.admin.email, "role": "organization_administrator"}
    new = {"email": "new@example.com", "role": "organization_engineer"}
    content = configured.file(people=[own, new])
    given = {
        "organization": configured.organization,
        "by": configured.admin,
        "file_name": "a.yaml",
        "content": content,
    }
    with person_scope(configured.admin):
        monkeypatch.setattr(actions_module, "MAX_ENTRIES", 2)
        with pytest.raises(UnusableFile, match=r"more than 2 entries.*Split the file"):
            upload(**given)
        monkeypatch.setattr(actions_module, "MAX_ENTRIES", 3)
        row, _ = upload(**given)
        assert len(apply_upload(file=row, by=configured.admin).changes) == 1


def test_a_later_end_of_an_approver_says_that_the_person_cannot_approve(
    configured: ConfiguredCustomer,
) -> None:
    end = timezone.now() + timedelta(days=30)
    known = factories.member(Role.APPROVER, configured.tenant, valid_until=end)
    with person_scope(configured.admin):
        found = plan(
            _people(configured, {"email": known.email, "role": "approver"}),
            organization=configured.organization,
            by=configured.admin,
        )
    (step,) = found.steps
    assert step.text.endswith(
        "ends the role now and grants it again without a right until a second administrator confirms it"
    )


@pytest.mark.django_db(transaction=True)
def test_files_of_people_and_changes_of_people_do_not_deadlock(configured: ConfiguredCustomer) -> None:
    """Applying a file and revoking a role both lock the organization's journal first. With different orders, each
    action could wait for a journal that the other one has locked.
    """
    content = configured.file({"labels": ["gold"]})
    other = factories.member(Role.ORGANIZATION_ENGINEER, configured.organization)
    second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, configured.organization)

    def first(in_the_middle: Callable[[], None]) -> int:
        real = change_tenant

        def changed(**given: Any) -> Tenant:
            row = real(**given)
            in_the_middle()
            return row

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(plan_customer, "change_tenant", changed)
            with person_scope(configured.admin):
                return len(apply(content, organization=configured.organization, by=configured.admin).changes)

    def revoke() -> None:
        with person_scope(second):
            revoke_membership(by=second, membership=Membership.objects.get(person=other))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(locks, "ATTEMPTS", 1)  # further attempts would hide a deadlock
        assert run_in_the_middle(first, revoke)[0] == 1


def test_a_deadlock_is_tried_again_three_times(db: None) -> None:
    calls: list[int] = []

    def ends(times: int) -> int:
        calls.append(times)
        if len(calls) <= times:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")
        return len(calls)

    assert locks.attempted(partial(ends, 2)) == 3
    calls.clear()
    with pytest.raises(Conflict) as raised:
        locks.attempted(partial(ends, 9))
    assert (raised.value.code, len(calls)) == ("busy", 3)


def test_commands(configured: ConfiguredCustomer, tmp_path: Path) -> None:
    path, out = tmp_path / "configuration.yaml", StringIO()
    options = ["--organization", configured.organization.slug]
    call_command("configuration", *options, "export", "--output", str(path), stdout=out)
    data = read(path.read_bytes()).data
    data["customers"][0]["labels"] = ["gold"]
    path.write_text(write(data))
    out = StringIO()
    call_command("configuration", *options, "plan", str(path), stdout=out)
    assert "  ~ Labels: none → gold" in out.getvalue()
    printed = out.getvalue().split("To apply exactly this plan: manage.py ")[1].split()
    assert printed[:-1] == ["configuration", *options, "apply", str(path), "--state"]
    digest = printed[-1]
    with pytest.raises(CommandError, match="have changed"):
        call_command("configuration", *options, "apply", str(path), "--state", "0" * 64, stdout=out)
    call_command("configuration", *options, "apply", str(path), "--state", digest, stdout=out)
    with organization_scope(configured.organization):
        assert Tenant.objects.get(pk=configured.tenant.pk).labels == ["gold"]
        entry = OrganizationJournalEntry.objects.get(action="configuration.applied")
        assert entry.actor == f"system:operator {getpass.getuser()}"
    path.write_text("version: 2")
    error = StringIO()
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("configuration", *options, "apply", str(path), stdout=out, stderr=error)
    assert "“version” must be 1" in error.getvalue()


def test_revoked_administrator_cannot_apply_another_file(configured: ConfiguredCustomer) -> None:
    """After losing access, a person no longer sees the customer that the file names, so the file is refused."""
    second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, configured.organization)
    content = _people(configured, {"email": "x@example.com", "role": "owner"})
    with person_scope(second):
        apply(content, organization=configured.organization, by=second)
    with person_scope(configured.admin):
        row = Membership.objects.get(person=second)
        revoke_membership(by=configured.admin, membership=row)
    with person_scope(second), pytest.raises(UnusableFile):
        apply(_people(configured), organization=configured.organization, by=second)


def test_published_schema_is_current() -> None:
    path = Path(__file__).resolve().parents[3] / "docs" / "configuration.schema.json"
    assert json.loads(path.read_text()) == json.loads(schema_text()), "The schema is outdated: run make docs."


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_is_refused(configured: ConfiguredCustomer) -> None:
    second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, configured.organization)
    files = {
        person: configured.file({"labels": [label]})
        for person, label in ((configured.admin, "gold"), (second, "silver"))
    }
    digests = {}
    for person, content in files.items():
        with person_scope(person):
            digests[person] = plan(content, organization=configured.organization, by=person).digest

    def attempt(person: Person) -> str:
        try:
            with person_scope(person):
                apply(
                    files[person], organization=configured.organization, by=person, expected=digests[person]
                )
        except Conflict as error:
            return error.code
        return "applied"

    outcomes = run_concurrently(*(partial(attempt, person) for person in files))
    assert sorted(outcomes) == ["applied", "changed_meanwhile"]
