"""A tenant at a glance, what changed, and the portfolio: after treatment."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions.cancel import cancel
from assessments.actions.start import start
from assessments.models import Assessment, Finding, FindingChange, Unit
from portal.queries.findings.filters import FindingFilter
from portal.queries.portfolio import trends
from portal.treatment.actions.exceptions import approve
from portal.treatment.actions.snapshots import take_snapshot
from portal.treatment.actions.transitions import apply_transitions
from portal.treatment.models import Snapshot
from portal.web.components.charts import Bars, Line
from portal.web.templatetags.charts import bar_chart, line_chart
from portal.web.tenant_overview.changes import KINDS, changes_of, counts, extent
from portal.web.tenant_overview.trend import Trend, chosen_days
from tenants.ids import uuid7
from tenants.models import Tenant
from tenants.scope import person_scope
from tests import factories
from tests.portal.web.world import SignIn, World, account, assess, give, make_customer

DAY = timedelta(days=1)


def page(client: Client, name: str, *args: object, query: str = "", status: int = 200) -> str:
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def except_one(world: World) -> None:
    with factories.in_tenant(world.home):
        approve(exception=world.of(world.home)["exception"], by=world.people["approver"])
        apply_transitions(tenant=world.home)


def snapshots(tenant: Tenant, days: int) -> None:
    """A row for each of the last days, today's being the true one."""
    today = timezone.now().date()
    with factories.in_tenant(tenant):
        for ago in range(1, days):
            Snapshot.objects.create(
                tenant=tenant, day=today - ago * DAY, score=50, adjusted=60.5, coverage=80,
                open_by_severity={"high": 4, "low": 3}, opened=2, closed=1,
            )  # fmt: skip
        take_snapshot(tenant=tenant)


def test_scores_and_their_differences(engineer: Client, world: World) -> None:
    before = page(engineer, "tenant", world.home.slug)
    assert "excepted failure" not in before
    assert "<strong>1</strong> control attested as met, counted as a pass" in before
    assert "<strong>1</strong> waiting for approval" in before
    except_one(world)
    after = page(engineer, "tenant", world.home.slug)
    assert "<strong>1</strong> excepted failure, not counted" in after
    assert "<strong>0</strong> waiting for approval" in after
    assert "<strong>1</strong> in force" in after
    assert re.search(r"<strong>\d+</strong> unanswered manual controls, counted as failures", after)

    def adjusted(html: str) -> int:
        return int(re.findall(r'aria-label="Adjusted score: (\d+) percent"', html)[0])

    assert adjusted(after) > adjusted(before)


def test_scores_are_equal_without_exceptions_and_attestations(world: World, sign_in: SignIn) -> None:
    bare, _ = make_customer(world.organization, "Bare", world.people["organization_engineer"])
    with factories.in_tenant(bare):
        Finding.objects.filter(tenant=bare, outcome="manual").update(
            outcome="unknown", state="unknown", unknown_because="forbidden"
        )
    html = page(sign_in(world.people["organization_engineer"]), "tenant", bare.slug)
    assert "Both scores are equal because there are no exceptions or attestations." in html


def test_counts_link_to_the_findings_they_count(engineer: Client, world: World) -> None:
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=own["finding"].pk).update(failing_since=timezone.now() - 400 * DAY)
    html = page(engineer, "tenant", world.home.slug)
    found = dict(
        re.findall(r'<a class="stat" href="[^"]*\?([^"]*)">.*?<span class="value">(\d+)</span>', html)
    )
    assert found["due=overdue"] == "1"
    with person_scope(world.people["organization_engineer"]):
        for query, value in found.items():
            asked = QueryDict(query.replace("&amp;", "&"))
            chosen = FindingFilter.parse(dict(asked.lists()), world.home, timezone.now())
            assert chosen.active_count == sum(len(values) for _, values in asked.lists())
            assert chosen.apply(Finding.objects.filter(tenant=world.home)).count() == int(value), query


@pytest.mark.parametrize(("days", "said"), [(0, "No day is recorded"), (1, "One day is recorded so far")])
def test_trend_needs_two_days(engineer: Client, world: World, days: int, said: str) -> None:
    if days:
        snapshots(world.home, days)
    html = page(engineer, "tenant", world.home.slug)
    assert said in html
    assert "chart-svg" not in html


def test_trend_is_shown_as_chart_and_table(engineer: Client, world: World) -> None:
    snapshots(world.home, 40)
    html = page(engineer, "tenant", world.home.slug, query="?days=30")
    assert html.count('class="chart-svg"') == 3
    assert re.search(r'aria-label="Scores, [\d-]+ to [\d-]+: Raw [\d.]+ % at the end; Adjusted', html)
    assert 'aria-current="true">30 days' in html
    rows = re.findall(r'<th scope="row" class="nowrap">(\d{4}-\d\d-\d\d)</th>', html)
    assert len(rows) == 31
    assert rows == sorted(rows, reverse=True)
    assert '<td class="num">50.0</td><td class="num">60.5</td><td class="num">7</td>' in html
    assert (
        len(re.findall(r'<th scope="row" class="nowrap">\d{4}', page(engineer, "tenant", world.home.slug)))
        == 40
    )
    assert "Opened and closed per week" in page(engineer, "tenant", world.home.slug, query="?days=365")


@pytest.mark.parametrize("text", ["", "7", "-30", "x", "30.0", "1e9"])
def test_unknown_lengths_fall_back_to_the_default(text: str) -> None:
    assert chosen_days(text) == 90


def test_long_trends_count_by_week() -> None:
    last = date(2026, 11, 25)

    def rows(days: int) -> list[Snapshot]:
        return [Snapshot(day=last - n * DAY, opened=n + 1, closed=1) for n in reversed(range(days))]

    short = Trend(30, last - 30 * DAY, last, rows(31)).opened_and_closed
    assert len(short.pairs) == 31
    assert short.pairs[-2:] == [(2, 1), (1, 1)]
    long = Trend(365, last - 365 * DAY, last, rows(366)).opened_and_closed
    assert long.pairs[-1] == (sum(range(1, 8)), 7)
    assert sum(up for up, _ in long.pairs) == sum(range(1, 367))
    assert sum(down for _, down in long.pairs) == 366


def test_missing_days_are_gaps_in_the_lines() -> None:
    """No worker ran: a straight line over them would tell what nobody has seen."""
    last = date(2026, 11, 25)
    days = [last - n * DAY for n in (8, 7, 3, 1, 0)]
    rows = [Snapshot(day=day, score=50, adjusted=None, open_by_severity={"high": 2}) for day in days]
    found = Trend(10, last - 10 * DAY, last, rows)
    for line, value in ((found.open[0], 2.0), (found.scores[0], 50)):
        assert [known for _, known in line.points] == [value, value, None, value, None, value, value]
    drawn: Any = line_chart(found.open, "Open", last - 10 * DAY, last)
    (part,) = drawn["lines"]
    assert (len(part["paths"]), len(part["dots"])) == (2, 1)


def test_gaps_split_a_line() -> None:
    first, last = date(2026, 11, 1), date(2026, 11, 5)
    line = Line("Raw", "accent", [(0, 40.0), (0.25, 50.0), (0.5, None), (0.75, None), (1, 60.0)])
    drawn: Any = line_chart([line], "Scores", first, last, percent=True)
    (part,) = drawn["lines"]
    assert part["paths"] == ["0.0,120.0 100.0,60.0"]
    assert len(part["dots"]) == 1
    assert drawn["label"] == "Scores, 2026-11-01 to 2026-11-05: Raw 60 % at the end"
    nothing = line_chart([Line("Raw", "accent", [])], "Scores", first, last, percent=True)
    assert str(nothing["label"]).endswith("Raw none at the end")


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([], ["2", "1", "0"]),
        ([1], ["2", "1", "0"]),
        ([7], ["8", "4", "0"]),
        ([61], ["80", "40", "0"]),
        ([1234], ["1400", "700", "0"]),
    ],
)
def test_axes_of_counts_are_round(values: list[float], ticks: list[str]) -> None:
    line = Line("Open", "fail", [(0, value) for value in values])
    found: Any = line_chart([line], "Open", date(2026, 11, 1), date(2026, 11, 2))
    assert found["ticks"] == ticks


@pytest.mark.parametrize("value", [0.0, 0.4, 40.0, 99.9, 100.0])
def test_axes_of_scores_contain_the_value(value: float) -> None:
    found: Any = line_chart(
        [Line("Raw", "accent", [(0, value)])], "x", date(2026, 11, 1), date(2026, 11, 2), percent=True
    )
    high, middle, low = map(float, found["ticks"])
    assert 0 <= low <= value <= high <= 100
    assert low < middle < high


def test_bars_are_drawn_up_and_down() -> None:
    found: Any = bar_chart(
        Bars("Opened", "Closed", [(0, 0), (4, 2)]), "Moved", date(2026, 11, 1), date(2026, 11, 2)
    )
    shapes = found["shapes"]
    assert [(bar["role"], bar["y"], bar["height"]) for bar in shapes] == [
        ("fail", "0.00", "60.00"),
        ("pass", "60.00", "30.00"),
    ]
    assert found["label"] == "Moved, 2026-11-01 to 2026-11-02, by day: 4 opened, 2 closed"


def test_changes_of_the_newest_and_an_earlier_assessment(engineer: Client, world: World) -> None:
    html = page(engineer, "changes", world.home.slug)
    own = world.of(world.home)
    assert reverse("finding", args=[world.home.slug, own["finding"].pk]) in html
    assert "Started failing" in html
    assert "allowBlobPublicAccess: false" in html
    first = page(engineer, "changes", world.home.slug, query="?assessment=1")
    assert "This is the first assessment" in first
    assert "Started failing" not in first
    only = page(engineer, "changes", world.home.slug, query="?kind=unknown")
    assert reverse("finding", args=[world.home.slug, own["finding"].pk]) not in only
    assert "No changes" in page(engineer, "changes", world.home.slug, query="?kind=gone")


@pytest.mark.parametrize("asked", ["3", "0", "-1", "x", "1%00"])
def test_unknown_assessment_is_404(engineer: Client, world: World, asked: str) -> None:
    page(engineer, "changes", world.home.slug, query=f"?assessment={asked}", status=404)


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
    """One that was cancelled after so many of its units had been read; they found everything as before."""
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


def test_cancelled_assessment_does_not_claim_no_changes(engineer: Client, world: World) -> None:
    cut_short(world, read=1, waiting=2)
    words = (
        "This assessment was cancelled after 1 of 3 units were read. "
        "Results of the units it did not read are unchanged."
    )
    overview = page(engineer, "tenant", world.home.slug)
    assert "No changes in what was read" in overview
    assert words in overview
    found = page(engineer, "changes", world.home.slug)
    assert words in found
    assert "What assessment 3 read has not changed" in found
    assert "found the same" not in overview + found


def test_assessment_that_read_nothing_is_not_the_last_one(engineer: Client, world: World) -> None:
    before = page(engineer, "tenant", world.home.slug)
    assert "Started failing" in before or "started failing" in before
    cut_short(world, read=0, waiting=2)
    assert "No changes" not in page(engineer, "tenant", world.home.slug)
    assert "This assessment was cancelled before anything was read" in page(
        engineer, "changes", world.home.slug
    )


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


def test_changes_are_paged(engineer: Client, world: World) -> None:
    own = world.of(world.home)
    guid = own["subscription"].subscription_id
    assess(world.home, own["subscription"], [account(guid, f"more{n}", safe=False) for n in range(30)],
           by=world.people["organization_engineer"])  # fmt: skip
    first = page(engineer, "changes", world.home.slug)
    second = page(engineer, "changes", world.home.slug, query="?page=2")
    links = [set(re.findall(r'<tr data-href="([^"]+)"', html)) for html in (first, second)]
    assert len(links[0]) == 50
    assert links[1]
    assert not links[0] & links[1]


def test_owners_see_changes_of_their_findings_only(world: World, sign_in: SignIn) -> None:
    owner = sign_in(world.people["owner"])
    own = world.of(world.home)
    everything = page(owner, "changes", world.home.slug, query="?assessment=1")
    assert reverse("finding", args=[world.home.slug, own["owned"].pk]) in everything
    assert reverse("finding", args=[world.home.slug, own["finding"].pk]) not in everything


def test_tenant_without_assessments(world: World, sign_in: SignIn) -> None:
    empty = factories.tenant(world.organization, "Empty")
    client = sign_in(world.people["organization_engineer"])
    assert "Nothing to compare yet" in page(client, "changes", empty.slug)
    assert "No results yet" in page(client, "tenant", empty.slug)


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
    assert set(KINDS) == {*CHANGES.values()}
    own = world.of(world.home)
    with person_scope(world.people["organization_engineer"]):
        row = FindingChange.objects.filter(assessment=own["assessment"]).first()
        assert row is not None
        FindingChange.objects.filter(assessment=own["assessment"]).exclude(pk=row.pk).delete()
        for (before, after), kind in CHANGES.items():
            FindingChange.objects.filter(pk=row.pk).update(before_outcome=before, after_outcome=after)
            assert counts(changes_of(own["assessment"], world.home)) == {kind: 1}, (before, after)


def test_portfolio_reflects_treatment(engineer: Client, world: World) -> None:
    by = world.people["organization_engineer"]
    late, _ = make_customer(world.organization, "Zebra Late", by)
    with factories.in_tenant(late):
        Finding.objects.filter(outcome="fail").update(severity="critical", severity_rank=0,
                                                      failing_since=timezone.now() - 30 * DAY)  # fmt: skip
    with factories.in_tenant(world.home):
        Finding.objects.filter(outcome="fail").update(severity="critical", severity_rank=0)
    html = page(engineer, "portfolio")
    # As many critical in both: overdue ones come first.
    assert html.index("Zebra Late") < html.index("Alder &amp; Finch Clinics")
    assert re.search(r"<dt>Overdue</dt><dd>6</dd>", html)
    assert html.count("1 to approve") == 2
    except_one(world)
    assert page(engineer, "portfolio").count("1 to approve") == 1


def test_owners_count_only_exceptions_on_their_findings(world: World, sign_in: SignIn) -> None:
    owner = sign_in(world.people["owner"])
    assert "1 to approve" not in page(owner, "portfolio")
    assert "<strong>0</strong> waiting for approval" in page(owner, "tenant", world.home.slug)
    with factories.in_tenant(world.home):
        give(
            world.home,
            world.of(world.home)["finding"],
            world.people["owner"],
            by=world.people["organization_engineer"],
        )
    assert "1 to approve" in page(owner, "portfolio")
    assert "<strong>1</strong> waiting for approval" in page(owner, "tenant", world.home.slug)


def test_portfolio_trend_is_the_adjusted_score(world: World) -> None:
    today = timezone.now().date()
    with person_scope(world.people["organization_engineer"]):
        (raw,) = trends([world.home.pk])[world.home.pk]
        for days, adjusted in ((2, 61.0), (1, None), (0, 70.0), (91, 5.0)):
            Snapshot.objects.create(tenant=world.home, day=today - days * DAY, score=1, adjusted=adjusted)
        assert trends([world.home.pk])[world.home.pk] == [61.0, None, 70.0]
    assert raw is not None


def test_partial_assessment_counts_the_current_units(engineer: Client, world: World) -> None:
    """An assessment of some scopes leaves the others as they were: two units stand, of which one was read."""
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        last = Assessment.objects.filter(tenant=world.home).order_by("-number")[0]
        last.only = [f"/subscriptions/{own['subscription'].subscription_id}"]
        last.save(update_fields=["only"])
        before = Assessment.objects.get(tenant=world.home, number=last.number - 1)
        unit = Unit.objects.get(assessment=before)
        unit.pk, unit.azure_id, unit.state = None, "00000000-0000-0000-0000-00000000000f", "failed"
        unit.id = uuid7()
        unit.save(force_insert=True)
    html = page(engineer, "tenant", world.home.slug)
    figures = dict(re.findall(r"<dt>(Units [a-z]+)</dt><dd>(\d+)</dd>", html))
    assert figures == {"Units expected": "2", "Units read": "1"}
