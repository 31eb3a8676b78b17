"""The findings of a past day: the counts that the assessment stored, the treatments, and no actions."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from assessments.models import Assessment, Finding
from portal.reports.facts.past_findings import past_findings
from portal.reports.facts.people import person_label
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.actions.owners.assign import assign
from portal.treatment.naming import control_problem, control_title
from portal.web.findings.views import past
from tenants.locks import Lock
from tests import factories
from tests.concurrency import held_elsewhere
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


LATER = timedelta(days=100)


def spread(world: World) -> dict[int, datetime]:
    """Let each assessment of the customer end on a day of its own, before `LATER`. Return {number: end}.

    The database refuses to move the end of an assessment to an earlier time, so these days are in the future.
    """
    ends = {}
    with factories.in_tenant(world.home):
        rows = Assessment.objects.filter(tenant=world.home, state="finished").exclude(summary={})
        for place, row in enumerate(rows.order_by("number"), 1):
            ends[row.number] = timezone.now() + timedelta(days=10 * place)
            Assessment.objects.filter(pk=row.pk).update(ended_at=ends[row.number])
    assert len(ends) > 1
    return ends


def test_each_assessment_has_the_counts_that_it_stored(world: World) -> None:
    """Each assessment ends on a day of its own. The findings of that day have the counts that the assessment stored."""
    home, ends = world.home, spread(world)
    now = timezone.now() + LATER
    counts = []
    with factories.in_tenant(home):
        for number, ended_at in ends.items():
            row = Assessment.objects.get(tenant=home, number=number)
            found = past_findings(home, ended_at.astimezone(UTC).date(), now)
            assert found is not None
            assert found.assessment.number == number
            assert dict(found.outcomes) == {
                key: value for key, value in row.summary["counts"].items() if value
            }
            assert dict(found.failing) == {
                key: value for key, value in row.summary["failing"].items() if value
            }
            counts.append(dict(found.outcomes))
    assert counts[0] != counts[-1], "the sample changes between the assessments"


@pytest.mark.slow(seconds=1)
def test_the_page_shows_the_day_without_actions(world: World) -> None:
    day = spread(world)[1].astimezone(UTC).date()
    url = reverse("findings-past", args=[world.home.slug])
    with time_machine.travel(timezone.now() + LATER):
        client = signed_in_client(world.people["organization_engineer"])
        page = client.get(url, {"day": day.isoformat()})
        severe = client.get(url, {"day": day.isoformat(), "severity": "high"})
    assert page.status_code == 200
    text = page.content.decode()
    assert "This page shows one day, and nothing can be changed here." in text
    main = text[text.index("<main") : text.index("</main>")]
    assert 'method="post"' not in main
    found = page.context["found"]
    assert found.assessment.number == 1
    assert f"{sum(found.states.values())}</span>" in text
    assert {fact.severity for fact, *_ in severe.context["rows"]} <= {"high"}
    rows = page.context["rows"]
    assert {fact.outcome == "fail" for fact, *_ in rows} == {True, False}
    # Only failing findings are named by their problem.
    for fact, title, _ in rows:
        name = control_problem if fact.outcome == "fail" else control_title
        assert title == name(fact.control), fact


@pytest.mark.slow(seconds=1)
def test_the_export_has_the_rows_of_the_page(world: World) -> None:
    given = {"day": spread(world)[1].astimezone(UTC).date().isoformat()}
    with time_machine.travel(timezone.now() + LATER):
        client = signed_in_client(world.people["organization_engineer"])
        page = client.get(reverse("findings-past", args=[world.home.slug]), given)
        answer = client.get(reverse("findings-past-csv", args=[world.home.slug]), given)
        content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    shown = page.context["page"].paginator.count
    rows = list(csv.reader(content.splitlines()))
    assert rows[0][:3] == ["Control", "Problem", "Severity"]
    assert len(rows) - 1 == shown > 0
    for name in ("findings-past", "findings-past-csv"):
        answer = client.get(reverse(name, args=[world.home.slug]), {"day": "2026-13-40"})
        assert answer.status_code == 400, name
        assert "This is not a date. Enter the day as year-month-day" in answer.content.decode(), name


@pytest.mark.slow(seconds=1)
def test_the_page_and_the_export_name_owners_and_acknowledgements_of_the_day(world: World) -> None:
    home, people = world.home, world.people
    with factories.in_tenant(home):
        one = Finding.objects.filter(pk=world.of(home)["finding"].pk)
        assign(tenant=home, findings=one, owner=people["owner"], by=people["organization_engineer"])
        acknowledge(tenant=home, findings=one, by=people["organization_engineer"], plan="Wait for March.")
    given = {"day": spread(world)[2].astimezone(UTC).date().isoformat(), "state": "acknowledged"}
    with time_machine.travel(timezone.now() + LATER):
        with factories.in_tenant(home):
            assign(tenant=home, findings=one, owner=None, by=people["organization_engineer"])
        client = signed_in_client(people["organization_engineer"])
        page = client.get(reverse("findings-past", args=[home.slug]), given)
        answer = client.get(reverse("findings-past-csv", args=[home.slug]), given)
        content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    ((fact, _, owner),) = page.context["rows"]
    assert (fact.id, fact.owner) == (str(world.of(home)["finding"].pk), person_label(people["owner"]))
    text = page.content.decode()
    assert owner == people["owner"].name
    assert escape(owner) in text[text.index("<main") :]
    assert "Wait for March." in text
    assert "not stored" not in text
    header, row = csv.reader(content.splitlines())
    assert header[-2:] == ["Owner", "Acknowledged by"]
    assert row[-2:] == [fact.owner, f"{person_label(people['organization_engineer'])}: Wait for March."]


def test_a_day_before_the_first_assessment_has_no_results(world: World) -> None:
    client = signed_in_client(world.people["organization_engineer"])
    page = client.get(reverse("findings-past", args=[world.home.slug]), {"day": "2001-01-01"})
    assert "No results for this day" in page.content.decode()
    wrong = client.get(reverse("findings-past", args=[world.home.slug]), {"day": "soon"}).content.decode()
    assert "Enter the day as year-month-day" in wrong
    later = (timezone.now() + timedelta(days=3)).date().isoformat()
    future = client.get(reverse("findings-past", args=[world.home.slug]), {"day": later}).content.decode()
    assert "The chosen day is in the future" in future


def test_owners_of_single_findings_do_not_see_it(world: World) -> None:
    client = signed_in_client(world.people["owner"])
    assert client.get(reverse("findings-past", args=[world.home.slug])).status_code == 403


@pytest.mark.slow(seconds=1)
def test_an_organization_exports_one_large_day_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in_client(world.people["auditor"])
    address = reverse("findings-past-csv", args=[world.home.slug])
    with held_elsewhere(Lock.PAST_EXPORT, str(world.organization.pk)):
        assert client.get(address)["Content-Type"].startswith("text/csv"), "a small customer needs no lock"
        monkeypatch.setattr(past, "MAX_FINDINGS", 0)
        answer = client.get(address, follow=True)
        assert answer.redirect_chain[0][0].startswith(reverse("findings-past", args=[world.home.slug]))
        assert "Another export of past findings is running." in answer.content.decode()
    assert client.get(address)["Content-Type"].startswith("text/csv")
