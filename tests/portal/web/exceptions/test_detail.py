"""The page of one exception: who may open it, and what it shows."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.exceptions import approve
from portal.treatment.actions.transitions import apply_transitions
from portal.treatment.models import FindingException
from portal.treatment.selectors.exceptions import items, problems
from portal.web.exceptions import page as exception_page
from portal.web.exceptions.views import inbox
from tenants.values import time_display
from tests import factories
from tests.portal.web.exceptions.requests import act, detail, state
from tests.portal.web.requests import page
from tests.portal.web.treatments import approved, ask, change, failing
from tests.portal.web.world import SignIn, World

READERS = [
    "organization_administrator",
    "organization_engineer",
    "tenant_administrator",
    "approver",
    "auditor",
]


@pytest.mark.parametrize("role", READERS)
def test_everyone_who_sees_all_findings_can_read_it(world: World, sign_in: SignIn, role: str) -> None:
    exception = world.of(world.home)["exception"]
    html = detail(sign_in(world.people[role]), world, exception)
    with factories.in_tenant(world.home):
        problem = problems([exception])[exception.pk]
    assert f"{exception}: {problem}</h1>" in " ".join(html.split())
    assert "The public site reads from it." in html
    assert "Mira Okafor &lt;engineer@example.com&gt;" in html
    assert "request.csv" in html
    assert "As requested" in html
    assert "On approval" in html
    assert ("Decision</h2>" in html) == (role == "approver")
    assert ("Withdraw request" in html) == (role == "organization_engineer")


@pytest.mark.parametrize(
    ("role", "says"),
    [
        (
            "organization_engineer",
            "You requested this exception, so someone else must decide.",
        ),
        ("auditor", "A person with the role Approver must decide."),
    ],
)
def test_people_who_cannot_decide_are_told_why(world: World, sign_in: SignIn, role: str, says: str) -> None:
    assert says in detail(sign_in(world.people[role]), world, world.of(world.home)["exception"])


@pytest.mark.slow(seconds=1)
def test_changed_values_are_shown_beside_approved_ones(approver: Client, world: World) -> None:
    exception = approved(world, findings=2)
    changed = failing(world)[-1]
    change(world, changed, minimumTlsVersion="TLS1_0")
    with factories.in_tenant(world.home):
        apply_transitions(tenant=world.home)
    html = detail(approver, world, exception)
    assert 'data-exception="returned"' in html
    assert "Changed: not covered" in html
    assert "As approved" in html
    assert "The exception covers unchanged findings until" in html
    row = html.split('class="role-fail differs"')[1].split("</tr>")[0]
    assert [part in row for part in ("Minimum version of TLS", "not recorded", "1.0")] == [True] * 3
    assert html.count('class="role-fail differs"') == 1
    assert "Exception returned (1 finding)" in html
    assert "Exception approved (2 findings)" in html
    act(approver, world, "approve", exception)
    assert state(world, exception) == "active"
    assert "Changed: not covered" not in detail(approver, world, exception)


@pytest.mark.slow(seconds=1)
def test_a_new_exception_can_be_requested_before_the_end(world: World, sign_in: SignIn) -> None:
    engineer, approver = (sign_in(world.people[role]) for role in ("organization_engineer", "approver"))
    later, soon = approved(world, days=60), approved(world, findings=2, days=14)
    words = "Request new exception"
    assert words not in detail(engineer, world, later)
    assert words not in detail(approver, world, soon), "approvers request no exceptions"
    html = detail(engineer, world, soon)
    assert words in html
    covered = [str(row.pk) for row in failing(world)[-2:]]
    assert sorted(re.findall(r'name="finding" value="([^"]+)"', html)) == sorted(covered)
    form = engineer.post(reverse("exception-request", args=[world.home.slug]), {"finding": covered})
    assert form.status_code == 200
    assert "<strong>2</strong> failing findings." in " ".join(form.content.decode().split())
    ask(world, findings=2)
    assert words not in detail(engineer, world, soon), "one is requested already"


def test_a_new_exception_by_rule_starts_with_the_same_conditions(world: World, sign_in: SignIn) -> None:
    control = failing(world)[-1].control
    exception = approved(world, rule={"control": control}, maximum=7, days=14)
    html = unescape(detail(sign_in(world.people["organization_engineer"]), world, exception))
    address = f"{reverse('exception-request', args=[world.home.slug])}?control={control}&maximum=7"
    assert f'href="{address}"' in html
    form = sign_in(world.people["organization_engineer"]).get(address).content.decode()
    assert re.search(r'name="maximum"[^>]* value="7"', form)
    ask(world, rule={"control": control}, maximum=7, days=60)
    words = "Request new exception"
    assert words not in detail(sign_in(world.people["organization_engineer"]), world, exception)


@pytest.mark.slow(seconds=1)
def test_changed_findings_come_before_more_severe_ones(
    approver: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exception_page, "PER_PAGE", 1)
    monkeypatch.setattr(inbox, "MAX_ITEMS", 1)
    exception = approved(world, findings=2)
    with factories.in_tenant(world.home):
        first, last = (item.finding for item in items(exception))
        Finding.objects.filter(pk=first.pk).update(severity="critical", severity_rank=0)
    change(world, last, minimumTlsVersion="TLS1_0")
    with factories.in_tenant(world.home):
        apply_transitions(tenant=world.home)
    for html in (detail(approver, world, exception), page(approver, "inbox-request", exception.pk)):
        assert "Changed: not covered" in html
        assert "As approved" not in html
        assert reverse("finding", args=[world.home.slug, last.pk]) in html
    # The most severe finding is not among the listed ones, but the head shows its severity.
    assert "Critical" in html.split('id="detail"')[1].split("<h2")[0]


@pytest.mark.slow(seconds=1)
def test_an_exception_whose_findings_all_changed_says_that_nothing_is_covered(
    approver: Client, world: World
) -> None:
    exception = approved(world, findings=1)
    with factories.in_tenant(world.home):
        (item,) = exception.items.select_related("finding")
    change(world, item.finding, minimumTlsVersion="TLS1_0")
    with factories.in_tenant(world.home):
        apply_transitions(tenant=world.home)
    html = detail(approver, world, exception)
    assert "The exception covers no findings until an approver decides again." in html
    assert "remain covered" not in html
    overview = " ".join(page(approver, "tenant", world.home.slug).split())
    assert "(1 returned exception covers only unchanged findings)" in overview


@pytest.mark.parametrize(
    ("excluded", "says"),
    [(True, "No longer assessed"), (False, "No longer exists")],
    ids=["excluded", "deleted"],
)
def test_a_finding_that_is_no_longer_assessed_may_still_exist(
    approver: Client, world: World, excluded: bool, says: str
) -> None:
    exception = approved(world, findings=1)
    with factories.in_tenant(world.home):
        (item,) = exception.items.select_related("finding")
        Finding.objects.filter(pk=item.finding.pk).update(
            gone_at=timezone.now(), state="gone", is_gone_by_exclusion=excluded
        )
    html = detail(approver, world, exception)
    assert [text for text in ("No longer assessed", "No longer exists") if text in html] == [says]


def test_an_unknown_finding_is_not_shown_as_fixed(approver: Client, world: World) -> None:
    exception = approved(world, findings=1)
    with factories.in_tenant(world.home):
        (item,) = exception.items.select_related("finding")
        Finding.objects.filter(pk=item.finding.pk).update(
            outcome="unknown", state="unknown", unknown_because="undecided"
        )
    html = detail(approver, world, exception)
    assert "Unknown: may still fail" in html
    assert "No longer fails" not in html


def test_a_refused_exception_shows_what_was_requested(approver: Client, world: World) -> None:
    exception = world.of(world.home)["exception"]
    act(approver, world, "refuse", exception, **{"refuse-note": "Fix it this week."})
    html = detail(approver, world, exception)
    assert "As requested" in html
    assert "Changed since" not in html
    assert "Fix it this week." in html
    assert "Decision</h2>" not in html


def test_a_rule_shows_what_it_matches_against_its_maximum(approver: Client, world: World) -> None:
    fails = len(failing(world)) + 1
    exception = ask(world, rule={"resource_group": "RG-*"}, maximum=fails + 4)
    html = detail(approver, world, exception)
    assert "resource group matches RG-*" in html
    assert f"{fails} of them fail" in html
    assert f"<dt>Maximum</dt><dd>{fails + 4}" in html


@pytest.mark.slow(seconds=1)
def test_findings_that_approving_would_add_are_shown(approver: Client, world: World) -> None:
    """If a rule matches more findings than its maximum, the approver sees the excess and can raise the maximum."""
    fails = len(failing(world)) + 1
    exception = approved(world, rule={"section": "storage"})
    with factories.in_tenant(world.home):
        new = Finding.objects.filter(section="storage", outcome="pass").first()
        assert new is not None
        Finding.objects.filter(pk=new.pk).update(outcome="fail", state="open", failing_since=timezone.now())
        apply_transitions(tenant=world.home)
    html = detail(approver, world, exception)
    assert "More findings match than approved" in html
    part = html.split("Approving would also cover")[1].split("</details>")[0]
    assert reverse("finding", args=[world.home.slug, new.pk]) in part
    assert f"{fails + 1} of them fail" in html
    assert "Exceeded by 1" in html
    assert act(approver, world, "approve", exception, maximum=fails).status_code == 400
    act(approver, world, "approve", exception, maximum=fails + 1)
    html = detail(approver, world, exception)
    assert 'data-exception="active"' in html
    assert "Approving would also cover" not in html


@pytest.mark.slow(seconds=1)
def test_a_list_of_findings_that_approving_would_add_says_that_it_is_cut(
    approver: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exception_page, "PER_PAGE", 1)
    exception = approved(world, rule={"section": "storage"})
    with factories.in_tenant(world.home):
        others = Finding.objects.filter(section="storage").exclude(outcome="fail").values("pk")[:2]
        new = Finding.objects.filter(pk__in=[row["pk"] for row in others])
        assert new.update(outcome="fail", state="open", failing_since=timezone.now()) == 2
        apply_transitions(tenant=world.home)
    for html in (detail(approver, world, exception), page(approver, "inbox-request", exception.pk)):
        assert "The first 1 of 2." in html


def shown_period(client: Client, world: World, exception: FindingException) -> str:
    period = detail(client, world, exception).split("Period</h2>")[1].split("<dt>Policy</dt>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", period).split())


def shown_start(client: Client, world: World, exception: FindingException) -> str:
    return re.split(r" ?(?:Ends|Ended|Requested end) ", shown_period(client, world, exception))[0]


@pytest.mark.slow(seconds=1)
def test_the_period_says_when_the_exception_started(approver: Client, world: World) -> None:
    waiting = world.of(world.home)["exception"]
    assert shown_start(approver, world, waiting) == "Starts On approval"
    act(approver, world, "refuse", waiting, **{"refuse-note": "Fix it this week."})
    end = time_display.second(waiting.ends_at)
    assert shown_period(approver, world, waiting) == f"Requested end {end}"

    # An exception that was approved three days ago, was returned, and is now approved again still has its first start.
    first = timezone.now() - timedelta(days=3)
    exception = ask(world, findings=1, now=first - timedelta(days=1))
    with factories.in_tenant(world.home):
        approve(exception=exception, by=world.people["approver"], now=first)
        (item,) = exception.items.select_related("finding")
    assert shown_start(approver, world, exception) == f"Started {time_display.second(first)}"
    change(world, item.finding, minimumTlsVersion="TLS1_0")
    with factories.in_tenant(world.home):
        apply_transitions(tenant=world.home)
    act(approver, world, "approve", exception)
    assert state(world, exception) == "active"
    assert shown_start(approver, world, exception) == f"Started {time_display.second(first)}"


def test_the_period_says_when_an_exception_with_a_later_start_starts(approver: Client, world: World) -> None:
    ahead = timezone.now() + timedelta(days=5)
    exception = approved(world, findings=1, starts_at=ahead)
    assert shown_start(approver, world, exception) == f"Starts {time_display.second(ahead)}"


@pytest.mark.slow(seconds=1)
def test_the_period_says_when_an_exception_ended(approver: Client, world: World) -> None:
    revoked, expired = approved(world, findings=1), approved(world, findings=1)
    end = time_display.second(revoked.ends_at)
    assert shown_period(approver, world, revoked).endswith(f" Ends {end}")
    act(approver, world, "revoke", revoked, **{"revoke-note": "It is fixed now."})
    with factories.in_tenant(world.home):
        revoked.refresh_from_db()
        assert revoked.ended_at is not None
        apply_transitions(tenant=world.home, now=expired.ends_at + timedelta(minutes=2))
    ended = time_display.second(revoked.ended_at)
    assert shown_period(approver, world, revoked).endswith(f" Ended {ended} Planned end: {end}")
    assert state(world, expired) == "expired"
    assert shown_period(approver, world, expired).endswith(f" Ended {time_display.second(expired.ends_at)}")
