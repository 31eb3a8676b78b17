"""A tenant's overview: scores, counts and coverage after treatment."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from assessments.actions.cancel import cancel
from assessments.actions.start import start
from assessments.controls.registry import catalogue
from assessments.models import Assessment, Finding, Unit
from portal.queries.findings.filters import FindingFilter
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.naming import cost_of_fix, why_it_matters
from portal.treatment.selectors.exceptions import problems
from tenants.ids import uuid7
from tenants.models import ServicePrincipal
from tenants.scope import person_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.tenant_overview.exceptions import approve_exception
from tests.portal.web.world import SignIn, World, give, make_customer


@pytest.mark.slow(seconds=1)
def test_differences_between_the_scores_are_explained(engineer: Client, world: World) -> None:
    before = page(engineer, "tenant", world.home.slug)
    assert "excepted failure" not in before
    assert "<strong>1</strong> check attested as met, counted as a pass" in before
    assert "<strong>1</strong> waiting for approval" in before
    approve_exception(world)
    after = page(engineer, "tenant", world.home.slug)
    assert "<strong>1</strong> excepted failure, not counted" in after
    assert "<strong>0</strong> waiting for approval" in after
    assert "<strong>1</strong> in force" in after
    assert re.search(r"<strong>\d+</strong> unanswered manual checks, counted as failures", after)

    def adjusted(html: str) -> int:
        return int(re.findall(r'aria-label="Adjusted score: (\d+) percent"', html)[0])

    assert adjusted(after) > adjusted(before)


@pytest.mark.slow(seconds=1)
def test_scores_are_equal_without_exceptions_and_attestations(world: World, sign_in: SignIn) -> None:
    bare, _ = make_customer(world.organization, "Bare", world.people["organization_engineer"])
    with factories.in_tenant(bare):
        Finding.objects.filter(tenant=bare, outcome="manual").update(
            outcome="unknown", state="unknown", unknown_because="forbidden"
        )
    html = page(sign_in(world.people["organization_engineer"]), "tenant", bare.slug)
    assert "Both scores are equal because there are no exceptions or attestations." in html


@pytest.mark.slow(seconds=1)
def test_a_customer_that_could_not_be_read_has_no_zeros(world: World, sign_in: SignIn) -> None:
    unread, _ = make_customer(world.organization, "Unread", world.people["organization_engineer"])
    with factories.in_tenant(unread):
        Finding.objects.filter(tenant=unread).exclude(outcome="manual").update(
            outcome="unknown", state="unknown", unknown_because="unauthenticated", failing_since=None
        )
    html = page(sign_in(world.people["organization_engineer"]), "tenant", unread.slug)
    figures = re.findall(
        r'<span class="label">([^<]+)</span>\s*<span class="value[^"]*">\s*([^<]*?)\s*<', html
    )
    assert {name: value for name, value in figures if name != "Undecided exceptions"} == dict.fromkeys(
        ("Score", "Open", "Overdue", "Unassigned"), "not known"
    )
    assert "No automatic check has a result" in html
    assert "not known, because no check has passed or failed" in html
    with factories.in_tenant(unread):
        Finding.objects.filter(tenant=unread, outcome="manual").update(
            outcome="unknown", state="unknown", unknown_because="unauthenticated"
        )
    html = page(sign_in(world.people["organization_engineer"]), "tenant", unread.slug)
    assert "Surety does not know which manual checks apply, because no check has a result." in html


@pytest.mark.slow(seconds=1)
def test_the_first_sentence_says_whose_credential_to_replace(world: World, sign_in: SignIn) -> None:
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        Finding.objects.update(
            outcome="unknown", state="unknown", unknown_because="unauthenticated", failing_since=None
        )
        ServicePrincipal.objects.update(last_error_code="AADSTS7000222", last_error="The secret has expired.")
        name = str(ServicePrincipal.objects.get(pk=own["principal"].pk))
    principal = reverse("service-principal", args=[world.home.slug, own["principal"].pk])
    refused = "The sign-in was refused, so nothing can be read."
    for role, sentence, link in (
        (
            "organization_engineer",
            f'{refused} <a href="{principal}">Replace the credential of “{name}”</a>.',
            f'href="{principal}">Replace credential</a>',
        ),
        (
            "auditor",
            f"{refused} An administrator must replace the credential of “{name}”.",
            f'href="{reverse("tenant-settings", args=[world.home.slug])}">Open settings</a>',
        ),
    ):
        html = page(sign_in(world.people[role]), "tenant", world.home.slug)
        # The verdicts are unknown, so the warning must not say that findings keep their results.
        assert "earlier results" not in html
        assert "Until it can sign in, verdicts that depend on it become unknown in each assessment." in html
        assert f'<p class="headline">{sentence}</p>' in html, role
        assert link in re.sub(r">\s+|\s+<", lambda found: found[0].strip(), html), role
        settings = page(sign_in(world.people[role]), "tenant-settings", world.home.slug)
        assert ("Replace credential" in settings) is (role == "organization_engineer")


@pytest.mark.slow(seconds=1)
def test_rings_are_not_green_while_a_critical_finding_is_open(world: World, sign_in: SignIn) -> None:
    other, _ = make_customer(world.organization, "Nearly good", world.people["organization_engineer"])
    with factories.in_tenant(other):
        one = Finding.objects.filter(tenant=other, outcome="fail").first()
        assert one is not None
        Finding.objects.filter(tenant=other).exclude(pk=one.pk).update(
            outcome="pass", state="passing", failing_since=None
        )
        colours = {}
        for severity, rank in (("critical", 0), ("low", 3)):
            Finding.objects.filter(pk=one.pk).update(severity=severity, severity_rank=rank)
            html = page(sign_in(world.people["organization_engineer"]), "tenant", other.slug)
            colours[severity] = re.findall(r'class="ring role-(\w+)"', html)
    assert colours == {"critical": ["warn", "warn"], "low": ["pass", "pass"]}


def test_counts_link_to_the_findings_they_count(engineer: Client, world: World) -> None:
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=own["finding"].pk).update(
            failing_since=timezone.now() - timedelta(days=400)
        )
    html = page(engineer, "tenant", world.home.slug)
    found = dict(
        re.findall(
            r'<a class="stat" href="[^"]*/findings/\?([^"]*)">.*?<span class="value[^"]*">(\d+)</span>', html
        )
    )
    assert found["due=overdue"] == "1"
    with person_scope(world.people["organization_engineer"]):
        for query, value in found.items():
            asked = QueryDict(query.replace("&amp;", "&"))
            chosen = FindingFilter.parse(dict(asked.lists()), world.home, timezone.now())
            assert chosen.active_count == sum(len(values) for _, values in asked.lists())
            assert chosen.apply(Finding.objects.filter(tenant=world.home)).count() == int(value), query


@pytest.mark.slow(seconds=1)
def test_owners_count_only_exceptions_on_their_findings(world: World, sign_in: SignIn) -> None:
    owner = sign_in(world.people["owner"])
    assert re.search(r"show=approve.*?<span class=\"value\">0<", page(owner, "portfolio"))
    assert "<strong>0</strong> waiting for approval" in page(owner, "tenant", world.home.slug)
    with factories.in_tenant(world.home):
        give(
            world.home,
            world.of(world.home)["finding"],
            world.people["owner"],
            by=world.people["organization_engineer"],
        )
    assert re.search(r"show=approve.*?<span class=\"value\">1<", page(owner, "portfolio"))
    assert "<strong>1</strong> waiting for approval" in page(owner, "tenant", world.home.slug)


@pytest.mark.slow(seconds=1)
def test_exceptions_that_end_soon_are_named_by_their_problem(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.web.tenant_overview.page.SOON", timedelta(days=400))
    approve_exception(world)
    found = world.of(world.home)["exception"]
    with factories.in_tenant(world.home):
        problem = problems([found])[found.pk]
    html = page(engineer, "tenant", world.home.slug)
    assert f">{escape(problem)}</a>" in html
    assert f"exception {found.number}, ends" in html


def test_partial_assessment_counts_the_current_units(engineer: Client, world: World) -> None:
    """After an assessment of only one of two units, the results of the other unit are still current."""
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


def test_gaps_of_units_that_a_cancelled_assessment_did_not_read_are_not_counted(
    engineer: Client, world: World
) -> None:
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        earlier = Unit.objects.filter(tenant=world.home).order_by("-assessment__number")[0]
        assert (earlier.state, bool(earlier.gaps)) == (Unit.State.DONE, True)
        cancelled = start(tenant=world.home, by=world.people["organization_engineer"])
        Assessment.objects.filter(pk=cancelled.pk).update(
            state=Assessment.State.RUNNING, units_total=2, units_ended=1
        )
        for azure_id, state in (
            (earlier.azure_id, Unit.State.WAITING),
            ("00000000-0000-0000-0000-00000000000f", Unit.State.DONE),
        ):
            Unit.objects.create(
                tenant=world.home, assessment=cancelled, kind=Unit.Kind.SUBSCRIPTION, azure_id=azure_id,
                name="Production", directory_id=own["subscription"].directory_id,
                service_principal_id=own["subscription"].service_principal_id, state=state,
            )  # fmt: skip
        cancel(assessment=cancelled, by=world.people["organization_engineer"])
    html = page(engineer, "tenant", world.home.slug)
    figures = dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+[^<]*)</dd>", html))
    assert (figures["Units read"], figures["Earlier results kept"]) == ("1", "1 unit")
    assert "Of these, with gaps" not in figures


@pytest.mark.slow(seconds=1)
def test_a_tenant_without_assessments_is_offered_the_next_step(world: World, sign_in: SignIn) -> None:
    empty = factories.tenant(world.organization, "Empty")
    client = sign_in(world.people["organization_engineer"])
    assert "Nothing to compare yet" in page(client, "changes", empty.slug)
    unconnected = page(client, "tenant", empty.slug)
    assert "Set up connection" in unconnected
    assert "Start the first assessment" not in unconnected
    factories.service_principal(factories.directory(empty))
    connected = page(client, "tenant", empty.slug)
    assert "No results yet" in connected
    assert connected.count(reverse("assessment-start", args=[empty.slug])) == 1
    # Nothing was checked, so the page shows no 0 as a result.
    assert 'class="stat"' not in unconnected + connected


def test_overview_shows_scores_sections_changes_and_reasons(engineer: Client, world: World) -> None:
    html = page(engineer, "tenant", world.home.slug)
    assert 'aria-label="Raw score: ' in html
    assert 'aria-label="Adjusted score: ' in html
    assert "Storage accounts" in html
    assert "missing permission" in html
    assert "Since the previous assessment" in html
    assert reverse("finding", args=[world.home.slug, world.of(world.home)["finding"].pk]) in html


@pytest.mark.slow(seconds=1)
def test_sections_that_do_not_apply_are_named_below_the_table(engineer: Client, world: World) -> None:
    address = reverse("tenant", args=[world.home.slug])
    before = engineer.get(address).context
    assert all(row["applies"] for row in before["sections"])
    row = next(row for row in before["sections"] if not row["open"])
    controls = [slug for slug, control in catalogue().items() if control.section == row["section"]]
    with factories.in_tenant(world.home):
        Finding.objects.filter(control__in=controls).update(outcome="not_applicable", failing_since=None)
    answer = engineer.get(address)
    assert row["section"] not in {other["section"] for other in answer.context["sections"]}
    html = " ".join(answer.content.decode().split())
    assert re.search(rf"Not applicable: [^<]*{row['title']}", html)


def test_sections_without_open_findings_link_to_all_their_findings(engineer: Client, world: World) -> None:
    rows = engineer.get(reverse("tenant", args=[world.home.slug])).context["sections"]
    assert {bool(row["open"]) for row in rows} == {True, False}
    assert all(("state=open" in row["url"]) == bool(row["open"]) for row in rows)


def test_what_to_fix_next_says_why_and_at_what_cost(engineer: Client, world: World) -> None:
    slug = "storage-blob-encryption"
    with factories.in_tenant(world.home):
        failed = Finding.objects.filter(pk=world.of(world.home)["finding"].pk)
        failed.update(control=slug, subject_key="other", severity="critical", severity_rank=0)
    control = catalogue()[slug]
    html = " ".join(page(engineer, "tenant", world.home.slug).split())
    row = html.split('class="fix-groups"')[1].split("</ol>")[0]
    assert f'<span class="fix-title">{control.problem}</span>' in row
    assert "Data that is not encrypted at rest can be read from the storage medium." in row
    assert "With your own keys, the Key Vault and its operations are billed." in row


def test_bars_of_what_to_fix_next_name_failures_that_are_not_open(engineer: Client, world: World) -> None:
    """The label of a bar counts acknowledged failures by themselves, because they are neither open nor manual."""
    with factories.in_tenant(world.home):
        rows = Finding.objects.filter(outcome="fail").exclude(pk=world.of(world.home)["owned"].pk)
        first, second = rows[:2]
        for row in (first, second):
            Finding.objects.filter(pk=row.pk).update(
                control="network-ssh-from-internet",
                subject_key=str(row.pk),
                severity="critical",
                severity_rank=0,
            )
        acknowledge(
            tenant=world.home,
            findings=Finding.objects.filter(pk=second.pk),
            by=world.people["organization_engineer"],
        )
    html = page(engineer, "tenant", world.home.slug)
    (label,) = re.findall(r'aria-label="(SSH open to the Internet: [^"]*)"', html)
    assert label.startswith("SSH open to the Internet: 1 open, 1 acknowledged or excepted")
    assert "manual" not in label


def test_every_control_says_in_one_line_why_it_matters() -> None:
    for slug in catalogue():
        why = why_it_matters(slug)
        assert why.endswith("."), slug
        assert len(why) <= 130, (slug, why)
    assert why_it_matters("no-longer-in-the-catalogue") == cost_of_fix("no-longer-in-the-catalogue") == ""


@pytest.mark.slow(seconds=1)
def test_the_link_to_open_findings_promises_owners_only_their_own(
    engineer: Client, owner: Client, world: World
) -> None:
    everything = " ".join(page(engineer, "tenant", world.home.slug).split())
    assert re.search(r">\s*All \d+ open findings?\s*</a>", everything)
    mine = " ".join(page(owner, "tenant", world.home.slug).split())
    assert re.search(r">\s*My open findings\s*</a>", mine)
    assert not re.search(r"All \d+ open finding", mine)
