"""The changes between assessments."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions.cancel import cancel
from assessments.actions.profiles import set_profile, switch_off
from assessments.actions.start import start
from assessments.controls.profiles import OFF_REASONS
from assessments.models import Assessment, FindingChange, Unit
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.web.tenant_overview.changes import KINDS, changes_of, counts, extent, of_kinds
from tenants.ids import uuid7
from tenants.scope import person_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World, account, assess


def test_the_page_shows_the_newest_or_a_chosen_assessment(engineer: Client, world: World) -> None:
    html = page(engineer, "changes", world.home.slug)
    assert re.search(r"<title>\s*What changed between assessments\s*·", html)
    own = world.of(world.home)
    assert reverse("finding", args=[world.home.slug, own["finding"].pk]) in html
    assert "Changed to failing" in html
    assert "Anonymous access allowed: no" in html
    first = page(engineer, "changes", world.home.slug, query="?assessment=1")
    assert "This is the first assessment" in first
    assert "Changed to failing" not in first
    only = page(engineer, "changes", world.home.slug, query="?kind=unknown")
    assert reverse("finding", args=[world.home.slug, own["finding"].pk]) not in only
    assert "No changes" in page(engineer, "changes", world.home.slug, query="?kind=gone")


@pytest.mark.parametrize("asked", ["3", "0", "-1", "x", "1%00"])
def test_unknown_assessment_is_404(engineer: Client, world: World, asked: str) -> None:
    page(engineer, "changes", world.home.slug, query=f"?assessment={asked}", status=404)


@pytest.mark.slow(seconds=1)
def test_first_assessment_has_nothing_to_compare(world: World, sign_in: SignIn) -> None:
    by = world.people["organization_engineer"]
    place = factories.tenant(world.organization, "Fresh")
    principal = factories.service_principal(factories.directory(place))
    subscription = factories.subscription(principal, "Production")
    assess(place, subscription, [account(subscription.subscription_id, "fresh", safe=False)], by=by)
    html = page(sign_in(by), "tenant", place.slug)
    assert "Nothing to compare yet" in html
    assert reverse("changes", args=[place.slug]) in html


def cut_short(world: World, *, read: int, waiting: int) -> Assessment:
    """Return an assessment that was cancelled after `read` units. These units found no change."""
    by = world.people["organization_engineer"]
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        assessment = start(tenant=world.home, by=by)
        Assessment.objects.filter(pk=assessment.pk).update(
            state=Assessment.State.RUNNING, units_total=read + waiting, units_ended=read
        )
        for number in range(read + waiting):
            Unit.objects.create(
                tenant=world.home, assessment=assessment, kind=Unit.Kind.SUBSCRIPTION, azure_id=f"guid-{number}",
                name="Production", directory_id=own["subscription"].directory_id,
                service_principal_id=own["subscription"].service_principal_id,
                state=Unit.State.DONE if number < read else Unit.State.WAITING,
            )  # fmt: skip
        cancel(assessment=assessment, by=by)
        return Assessment.objects.get(pk=assessment.pk)


@pytest.mark.slow(seconds=1)
def test_a_control_that_is_switched_off_resolves_nothing(engineer: Client, world: World) -> None:
    """Pages show a finding that changes from fail to not applicable as “No longer judged”; notices do not call it
    resolved.
    """
    own, by = world.of(world.home), world.people["organization_administrator"]
    failing = own["finding"]
    with factories.in_tenant(world.home):
        failing.refresh_from_db()
        assert failing.outcome == "fail"
        switch_off(tenant=world.home, by=by, slug=failing.control, reason="Another team checks it")
    id_ = own["subscription"].subscription_id
    last = assess(world.home, own["subscription"], [account(id_, "public", safe=False)], by=by)
    with person_scope(world.people["organization_engineer"]):
        found = counts(changes_of(last, world.home))
        assert sum(found.values()) == changes_of(last, world.home).count()
    assert found["not_judged"] >= 1
    assert "resolved" not in found
    html = page(engineer, "changes", world.home.slug, query="?kind=not_judged")
    assert html.count("No longer judged") > found["not_judged"]
    timeline = page(engineer, "finding", world.home.slug, failing.pk)
    assert f"No longer judged in assessment {last.number}" in timeline
    tab_only = page(engineer, "changes", world.home.slug, query="?kind=other")
    assert tab_only.count("No longer judged") == 1
    overview = page(engineer, "tenant", world.home.slug)
    assert f"{found['not_judged']} no longer judged" in overview
    assert " resolved" not in overview.split("Since the previous assessment")[1].split("</section>")[0]


@pytest.mark.slow(seconds=1)
def test_a_control_outside_of_both_profiles_is_not_said_to_be_no_longer_judged(world: World) -> None:
    """The control is not applicable under either profile. Its finding changes only in the observed value, which names
    the profile.
    """
    own, by = world.of(world.home), world.people["organization_administrator"]
    id_ = own["subscription"].subscription_id
    for profile in ("cis-6.0.0-level-1", "mcsb-1"):
        with factories.in_tenant(world.home):
            set_profile(tenant=world.home, by=by, profile=profile)
        last = assess(world.home, own["subscription"], [account(id_, "public", safe=False)], by=by)
        with person_scope(world.people["organization_engineer"]):
            rows = changes_of(last, world.home)
            found = counts(rows)
            ended = rows.exclude(before_outcome__in=("", F("after_outcome"))).filter(reason__in=OFF_REASONS)
            assert found["not_judged"] == ended.count() == of_kinds(rows, ["not_judged"]).count() > 0
            rewritten = rows.filter(before_outcome=F("after_outcome"), reason__in=OFF_REASONS).count()
            assert found.get("observed", 0) >= rewritten
    assert rewritten > 0, "controls outside of both profiles"


@pytest.mark.slow(seconds=1)
def test_cancelled_assessment_does_not_claim_no_changes(engineer: Client, world: World) -> None:
    cut_short(world, read=1, waiting=2)
    cut_short(world, read=1, waiting=2)
    words = (
        "This assessment was cancelled after 1 of 3 units were read. "
        "The results of subscriptions and directories that were not read have not changed."
    )
    overview = page(engineer, "tenant", world.home.slug)
    assert "No changes in the data that was read" in overview
    assert words in overview
    found = page(engineer, "changes", world.home.slug)
    assert words in found
    assert "Assessment 4 did not read everything." in found
    assert "found the same" not in overview + found


@pytest.mark.slow(seconds=1)
def test_cancelled_assessment_is_marked_wherever_it_is_shown_or_chosen(
    engineer: Client, world: World
) -> None:
    """Only one of three units was read. No page says that three units ended, and coverage still expects all three."""
    assessment = cut_short(world, read=1, waiting=2)
    with factories.in_tenant(world.home):
        take_snapshot(tenant=world.home, now=timezone.now() - timedelta(days=1))
        take_snapshot(tenant=world.home)
    mark = "partial: 1 of 3 units read, cancelled"
    overview = page(engineer, "tenant", world.home.slug)
    assert mark.capitalize() in overview
    assert f">No. 3, {mark}</td>" in overview
    assert "The figures of 2 of these days come from an assessment that did not read everything" in overview
    figures = dict(re.findall(r"<dt>(Units [a-z]+)</dt><dd>(\d+)</dd>", overview))
    assert figures == {"Units expected": "3", "Units read": "1"}
    assert f"{mark}</option>" in page(engineer, "changes", world.home.slug)
    assert mark.capitalize() in page(engineer, "portfolio")
    listed = page(engineer, "assessments", world.home.slug)
    assert 'data-run="cut_short"' in listed
    assert ">1 of 3 read" in listed
    detail = page(engineer, "assessment", world.home.slug, assessment.pk)
    assert "1 of 3 units were read before this assessment was cancelled" in detail
    assert re.search(r"<dt>Gaps</dt> ?<dd> ?2", detail)
    assert detail.count("all data") == 2


@pytest.mark.slow(seconds=1)
def test_assessment_that_read_nothing_is_not_the_last_one(engineer: Client, world: World) -> None:
    before = page(engineer, "tenant", world.home.slug)
    assert "Changed to failing" in before or "changed to failing" in before
    cut_short(world, read=0, waiting=2)
    assert "No changes" not in page(engineer, "tenant", world.home.slug)
    assert "This assessment was cancelled before anything was read" in page(
        engineer, "changes", world.home.slug
    )


@pytest.mark.slow(seconds=1)
def test_first_assessment_that_read_anything_counts_as_first(world: World, sign_in: SignIn) -> None:
    by = world.people["organization_engineer"]
    place = factories.tenant(world.organization, "Fresh")
    principal = factories.service_principal(factories.directory(place))
    subscription = factories.subscription(principal, "Production")
    with factories.in_tenant(place):
        cancel(assessment=start(tenant=place, by=by), by=by)
    assess(place, subscription, [account(subscription.subscription_id, "fresh", safe=False)], by=by)
    client = sign_in(by)
    assert "Nothing to compare yet" in page(client, "tenant", place.slug)
    assert "This is the first assessment" in page(client, "changes", place.slug)


def test_assessment_older_than_the_choices_can_be_opened(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.web.tenant_overview.views.changes.MAX_CHOICES", 1)
    html = page(engineer, "changes", world.home.slug, query="?assessment=1")
    assert '<option value="1" selected>' in html
    assert '<option value="2">' in html


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"summary": {"units": {"done": 3}}}, ""),
        ({"summary": {}, "state": "cancelled"}, "before anything was read"),
        ({"summary": {"units": {"done": 2, "failed": 1}}}, "1 of 3 units could not be read"),
        ({"summary": {"units": {"done": 2}}, "only": ["a", "b"]}, "This assessment covered 2 units"),
    ],
    ids=["whole", "cancelled in the queue", "partial", "a retry"],
)
def test_extent_describes_what_was_not_read(given: dict[str, Any], words: str) -> None:
    said = extent(Assessment(**{"state": "finished", **given}))
    assert words in said
    assert bool(said) == bool(words)


@pytest.mark.slow(seconds=1)
def test_changes_are_paged(engineer: Client, world: World) -> None:
    own = world.of(world.home)
    guid = own["subscription"].subscription_id
    assess(world.home, own["subscription"], [account(guid, f"more{n}", safe=False) for n in range(30)],
           by=world.people["organization_engineer"])  # fmt: skip
    first = page(engineer, "changes", world.home.slug)
    second = page(engineer, "changes", world.home.slug, query="?page=2")
    links = [set(re.findall(r'<tr[^>]* data-href="([^"]+)"', html)) for html in (first, second)]
    assert len(links[0]) == 50
    assert links[1]
    assert not links[0] & links[1]


def test_owners_see_changes_of_their_findings_only(world: World, sign_in: SignIn) -> None:
    owner = sign_in(world.people["owner"])
    own = world.of(world.home)
    everything = page(owner, "changes", world.home.slug, query="?assessment=1")
    assert reverse("finding", args=[world.home.slug, own["owned"].pk]) in everything
    assert reverse("finding", args=[world.home.slug, own["finding"].pk]) not in everything


CHANGES = {
    ("", "pass"): "new",
    ("", "fail"): "new",
    ("pass", "fail"): "began",
    ("unknown", "fail"): "began",
    ("gone", "fail"): "began",
    ("fail", "fail"): "observed",
    ("pass", "pass"): "observed",
    ("unknown", "unknown"): "observed",
    ("fail", "pass"): "resolved",
    ("fail", "not_applicable"): "resolved",
    ("fail", "unknown"): "unknown",
    ("pass", "unknown"): "unknown",
    ("fail", "gone"): "gone",
    ("pass", "gone"): "gone",
    ("manual", "pass"): "other",
    ("gone", "pass"): "other",
}


def test_every_change_has_exactly_one_kind(world: World) -> None:
    assert set(KINDS) == {*CHANGES.values(), "not_judged"}
    own = world.of(world.home)
    with person_scope(world.people["organization_engineer"]):
        row = FindingChange.objects.filter(assessment=own["assessment"]).first()
        assert row is not None
        # The changes of an ended assessment cannot be edited, so the row belongs to a new one that is running.
        running = Assessment.objects.create(
            tenant=world.home, number=7001, catalogue_hash="0" * 64, product_version="1", state="running"
        )
        row.pk, row.assessment, row._state.adding = uuid7(), running, True
        row.save(force_insert=True)
        for (before, after), kind in CHANGES.items():
            FindingChange.objects.filter(pk=row.pk).update(before_outcome=before, after_outcome=after)
            assert counts(changes_of(running, world.home)) == {kind: 1}, (before, after)
