"""Exceptions that are requested from a mute list: on the page and with the API."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.controls.registry import catalogue
from assessments.estate.ids import type_of
from assessments.models import Finding, Resource
from portal.mute_lists.actions import preview_mute_list
from portal.mute_lists.plan import MuteListPlan
from tenants.models import JournalEntry
from tenants.scope import person_scope
from tests import factories
from tests.portal.mute_lists.lists import entry, mute_list
from tests.portal.web.exceptions.mute_lists import CHECK, LIST, failing, requested
from tests.portal.web.forms import filled
from tests.portal.web.treatments import day
from tests.portal.web.world import SignIn, World
from tests.stored_versions import history_of, resource_of


def planned(world: World, content: bytes, role: str = "organization_engineer") -> MuteListPlan:
    with person_scope(world.people[role]):
        return preview_mute_list(tenant=world.home, content=content)


def previewed(client: Client, world: World, content: bytes) -> Any:
    file = SimpleUploadedFile("mutelist.yaml", content)
    return client.post(reverse("exception-mute-list", args=[world.home.slug]), {"file": file})


def test_the_preview_says_what_matches_and_why_the_rest_does_not(engineer: Client, world: World) -> None:
    answer = previewed(engineer, world, mute_list(LIST))
    html = " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())
    assert answer.status_code == 200
    rows = failing(world)
    assert rows
    assert rows[0].subject_name in html
    assert "Prowler has no check for Azure with this name" in html
    assert "No control corresponds to this check of Prowler: This check searches log entries" in html
    assert "on other resources" in html or "The controls for this check have no failing finding" in html
    assert requested(world) == []


def test_findings_of_an_entry_for_several_controls_have_their_problem(engineer: Client, world: World) -> None:
    problems = {control.problem for control in catalogue().values()}
    name = failing(world)[0].subject_name
    for check, is_named in (("storage_*", True), (CHECK, False)):
        html = previewed(engineer, world, mute_list({check: entry()})).content.decode()
        sample = re.findall(rf">{re.escape(name)}</a>\s*<span class=\"sub\">([^<]+)<", html)
        assert problems.issuperset(map(unescape, sample))
        assert bool(sample) is is_named


@pytest.mark.slow(seconds=1)
def test_exceptions_are_requested_once_and_named_in_the_journal(engineer: Client, world: World) -> None:
    url = reverse("exception-mute-list", args=[world.home.slug])
    opened = filled(previewed(engineer, world, mute_list(LIST)).content.decode(), url)
    assert opened["entries"] in ("1", ["1"])
    done = engineer.post(url, {**opened, "ends_at": day(30)}, follow=True)
    assert "1 exception requested. The approvers are notified." in done.content.decode()
    (found,) = requested(world)
    with factories.in_tenant(world.home):
        assert set(found.items.values_list("finding_id", flat=True)) == {row.pk for row in failing(world)}
        record = JournalEntry.objects.get(action="exception.mute_list")
    assert found.state == "requested"
    assert found.reason == (
        "The mail gateway needs plain HTTP until May\n\n"
        f"From Prowler’s mute list mutelist.yaml: {CHECK} of account *"
    )
    assert record.details["exceptions"] == [found.number]
    (first, *_) = planned(world, mute_list(LIST)).entries
    assert (first.findings, first.under_way) == ((), len(failing(world)))
    # Submit the same form again, after an exception was requested for its findings.
    again = engineer.post(url, {**opened, "ends_at": day(30)})
    assert again.status_code == 409
    assert "The findings have changed since the preview." in again.content.decode()
    assert len(requested(world)) == 1


@pytest.mark.slow(seconds=1)
def test_missing_reasons_ends_and_entries_are_refused(engineer: Client, world: World) -> None:
    url = reverse("exception-mute-list", args=[world.home.slug])
    content = mute_list({CHECK: entry(Description="Old server")})
    opened = filled(previewed(engineer, world, content).content.decode(), url)
    for given, text in (
        ({"ends_at": day(30)}, "Give a reason of at least 3 words."),
        ({"ends_at": "", "reason": "It is very old"}, "Choose the last day."),
        ({"ends_at": day(2000), "reason": "It is very old"}, "The policy allows exceptions of at most"),
        ({"ends_at": day(30), "reason": "It is very old", "entries": []}, "Select at least one entry"),
        ({"ends_at": day(30), "reason": "It is very old", "entries": ["7"]}, "Select at least one entry"),
        ({"ends_at": day(30), "reason": "It is very old", "digest": "0"}, "changed since the preview"),
    ):
        answer = engineer.post(url, {**opened, **given})
        assert answer.status_code in (400, 409), text
        assert text in unescape(answer.content.decode()), text
    for content_field in ("%%%", "", "A" * 400_000):
        answer = engineer.post(url, {**opened, "content": content_field})
        assert answer.status_code == 400
    assert requested(world) == []
    assert engineer.post(url, {**opened, "reason": "It is very old", "ends_at": day(30)}).status_code == 302


def test_a_description_without_visible_words_is_no_reason(engineer: Client, world: World) -> None:
    url = reverse("exception-mute-list", args=[world.home.slug])
    content = mute_list({CHECK: entry(Description="Old \u200b \u2060 \u200d")})
    opened = filled(previewed(engineer, world, content).content.decode(), url)
    answer = engineer.post(url, {**opened, "ends_at": day(30)})
    assert answer.status_code == 400
    assert "Give a reason of at least 3 words." in answer.content.decode()
    assert requested(world) == []


def test_hostile_files_are_refused_on_the_page(engineer: Client, world: World) -> None:
    for content, text in (
        (b"Mutelist: &a [*a]", "Anchors such as"),
        (b"x" * 300_000, "The file is larger than 256 KiB"),
        (b"<script>alert(1)</script>: 1", "&lt;script&gt;"),
    ):
        answer = previewed(engineer, world, content)
        assert answer.status_code == 400
        assert text in answer.content.decode()
        assert "<script>alert(1)" not in answer.content.decode()


def test_regions_tags_and_accounts_come_from_the_inventory(world: World) -> None:
    (finding, *_) = failing(world)
    with factories.in_tenant(world.home):
        Resource.objects.filter(resource_id__iexact=finding.subject).update(
            location="westeurope", tags={"env": "dev", "team": "data"}
        )
    guid = finding.unit.rpartition("/")[2]
    for account, given, expected in (
        ("*", {"Regions": ["westeurope"], "Resources": [finding.subject_name]}, 1),
        ("*", {"Tags": ["env=dev", "team=data"], "Resources": [f"^{finding.subject_name}$"]}, 1),
        ("*", {"Tags": ["env=prod"]}, 0),
        (guid, {"Resources": [finding.subject_name]}, 1),
        ("Unknown subscription", {}, 0),
    ):
        (row,) = planned(world, mute_list({CHECK: entry(**given)}, account)).entries
        assert (finding.pk in row.findings) == bool(expected), (account, given)
        assert bool(row.why) == (not row.findings)
    (row,) = planned(world, mute_list({CHECK: entry()}, "Unknown subscription")).entries
    assert row.why == f"{world.home.name} has no subscription or directory with this name or ID"


def _fail(row: Finding, control: str, subject: str, **observed: str) -> None:
    Finding.objects.filter(pk=row.pk).update(
        control=control, outcome="fail", gone_at=None, subject=subject, observed=observed
    )


def _matches_only(world: World, check: str, expected: Finding) -> None:
    (found,) = planned(world, mute_list({check: entry()})).entries
    assert found.findings == (expected.pk,)
    assert found.others == "1 that the check does not judge"
    (found,) = planned(world, mute_list({check: entry(Resources=["no-such-name"])})).entries
    assert (
        found.why
        == "No failing finding matches. Findings that do not match: 1 on other resources, 1 that the check does not"
        " judge"
    )


def test_an_entry_for_one_plan_leaves_the_others(world: World) -> None:
    rows = [failing(world)[0], world.of(world.home)["owned"]]
    with factories.in_tenant(world.home):
        for row, plan in zip(rows, ("CosmosDbs", "SqlServers"), strict=True):
            pricing = f"{row.unit}/providers/Microsoft.Security/pricings/{plan}"
            _fail(row, "defender-plan-databases", pricing)
    _matches_only(world, "defender_ensure_defender_for_cosmosdb_is_on", rows[0])


@pytest.mark.parametrize(
    ("check", "control", "apps"),
    [
        ("app_register_with_identity", "webapp-identity", {"sites/a": "app,linux", "sites/b": "functionapp"}),
        ("app_register_with_identity", "webapp-identity", {"sites/a": None, "sites/a/slots/b": "app"}),
        (
            "app_function_identity_is_configured",
            "webapp-identity",
            {"sites/a": "FunctionApp", "sites/b": "app"},
        ),
        ("app_ensure_php_version_is_latest", "webapp-runtime", {"sites/a": "app", "sites/b": "app"}),
    ],
)
def test_an_entry_for_web_apps_leaves_function_apps_slots_and_other_languages(
    check: str, control: str, apps: dict[str, str | None], world: World
) -> None:
    rows = [failing(world)[0], world.of(world.home)["owned"]]
    with factories.in_tenant(world.home):
        for row, (name, kind), runtime in zip(rows, apps.items(), ("PHP|7.4", "PYTHON|3.8"), strict=True):
            subject = f"{row.unit}/resourceGroups/rg/providers/Microsoft.Web/{name}"
            _fail(row, control, subject, runtime=runtime)
            resource = resource_of(world.home)
            Resource.objects.filter(pk=resource.pk).update(
                resource_id=subject, type=type_of(subject), unit=row.unit
            )
            history_of(world.home, [{"kind": "x"}, {"kind": kind}], resource=resource)
    _matches_only(world, check, rows[0])


def test_owners_request_exceptions_only_for_their_findings(world: World, sign_in: SignIn) -> None:
    answer = previewed(sign_in(world.people["owner"]), world, mute_list({"*": entry()}))
    owned = world.of(world.home)["owned"]
    html = answer.content.decode()
    with factories.in_tenant(world.home):
        others = Finding.objects.filter(outcome="fail").exclude(treatment__owner=world.people["owner"])
        links = {reverse("finding", args=[world.home.slug, row.pk]) for row in others}
    assert reverse("finding", args=[world.home.slug, owned.pk]) in html
    assert not any(link in html for link in links)


def test_owners_do_not_learn_which_subscriptions_exist(world: World) -> None:
    subscription = world.of(world.home)["subscription"]
    reasons = set()
    for account in (subscription.subscription_id, subscription.display_name, "Unknown subscription"):
        (row,) = planned(world, mute_list({CHECK: entry()}, account), "owner").entries
        assert row.findings == ()
        reasons.add(row.why)
        (known,) = planned(world, mute_list({CHECK: entry()}, account)).entries
        assert ("has no subscription" in known.why) == (account == "Unknown subscription")
    assert reasons == {
        "You can see no failing finding for this check in a subscription or directory with this name or ID"
    }
