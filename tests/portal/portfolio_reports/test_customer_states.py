"""Portfolio reports state the truth about customers whose latest assessment is incomplete, old, refused or missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from assessments.estate.gaps import Reason
from assessments.models import Assessment, Finding
from portal.portfolio_reports.facts import CustomerFact, PortfolioFacts
from portal.portfolio_reports.gather import portfolio_facts
from portal.portfolio_reports.render import headline, render_html
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.treatment.models import Snapshot
from tenants.models import ServicePrincipal, Subscription, Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.portal.portfolio_reports.conftest import Portfolio

pytestmark = [pytest.mark.django_db, pytest.mark.slow(seconds=6)]


def facts_of(portfolio: Portfolio) -> PortfolioFacts:
    with organization_scope(portfolio.world.organization):
        return portfolio_facts(portfolio.report, ensure_signing_identity())


def fact(portfolio: Portfolio, tenant: Tenant) -> CustomerFact:
    return next(one for one in facts_of(portfolio).customers if one.id == str(tenant.pk))


def running(tenant: Tenant) -> None:
    with factories.in_tenant(tenant):
        Assessment.objects.create(
            tenant=tenant, number=50, state=Assessment.State.RUNNING, started_at=timezone.now()
        )


def cancelled(tenant: Tenant) -> None:
    with factories.in_tenant(tenant):
        Assessment.objects.create(
            tenant=tenant, number=50, state=Assessment.State.CANCELLED, started_at=timezone.now(),
            ended_at=timezone.now(), summary={"units": {"done": 0, "failed": 0, "skipped": 2}},
        )  # fmt: skip


def retry_failed(tenant: Tenant) -> None:
    with factories.in_tenant(tenant):
        newest = Assessment.objects.filter(tenant=tenant).latest("number")
        Assessment.objects.create(
            tenant=tenant, number=50, state=Assessment.State.FINISHED, trigger=Assessment.Trigger.RETRY,
            started_at=timezone.now(), ended_at=timezone.now(), only=[newest.units.earliest("pk").scope_id],
            summary={"units": {"done": 0, "failed": 1, "skipped": 0}},
        )  # fmt: skip


def principals(tenant: Tenant, **given: Any) -> None:
    with factories.in_tenant(tenant):
        ServicePrincipal.objects.filter(tenant=tenant).update(**given)


def refused_but_delegated(tenant: Tenant) -> None:
    principals(tenant, **REFUSED)
    with factories.in_tenant(tenant):
        Subscription.objects.filter(tenant=tenant).update(is_delegated=True)


def second_principal(tenant: Tenant, **given: Any) -> None:
    with factories.in_tenant(tenant):
        known = ServicePrincipal.objects.filter(tenant=tenant).earliest("created_at")
        added = factories.service_principal(known.directory, name="second")
        ServicePrincipal.objects.filter(pk=added.pk).update(**given)


def without_gaps(tenant: Tenant, **given: Any) -> None:
    with factories.in_tenant(tenant):
        newest = Assessment.objects.filter(tenant=tenant).latest("number")
        newest.units.update(gaps=[])
        if given:
            Finding.objects.filter(tenant=tenant).update(**given)


def undecided(tenant: Tenant) -> None:
    without_gaps(tenant)
    with factories.in_tenant(tenant):
        assert Finding.objects.filter(tenant=tenant, outcome="unknown").update(
            unknown_because=str(Reason.UNDECIDED)
        )


REFUSED = {"last_error_code": "AADSTS7000222"}
# {case: (customer, what happens to it, state in the report, part of the reason, whether its failures are known)}
CASES: dict[str, tuple[str, Callable[[Tenant], Any], str, str, bool]] = {
    "first assessment is running": ("never", running, "never", "The first assessment is running", False),
    "first assessment was cancelled": (
        "never", cancelled, "never", "because all assessments were cancelled", False,
    ),
    "a retry of one subscription failed": ("home", retry_failed, "partly", "retry: 0 of 1 unit", True),
    "every sign-in was refused": (
        "home", lambda tenant: principals(tenant, **REFUSED), "not_read", "refused the sign-in", False,
    ),
    "only the sign-in to the directory was refused": (
        "home", refused_but_delegated, "partly", "could not be read", True,
    ),
    "one of two sign-ins was refused": (
        "home", lambda tenant: second_principal(tenant, **REFUSED), "partly", "could not be read", True,
    ),
    "a disabled principal was refused": (
        "home",
        lambda tenant: second_principal(tenant, **REFUSED, disabled_at=timezone.now()),
        "partly",
        "could not be read",
        True,
    ),
    "verdicts are unknown without a gap": ("home", without_gaps, "partly", "unknown", True),
    "the data that were read do not decide some verdicts": ("home", undecided, "read", "", True),
    "everything is not applicable": (
        "home",
        lambda tenant: without_gaps(
            tenant, outcome="not_applicable", state="not_applicable", failing_since=None
        ),
        "read",
        "",
        True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_state_of_a_customer_is_true(portfolio: Portfolio, case: str) -> None:
    name, change, state, reason, is_known = CASES[case]
    tenant = portfolio.customers[name]
    change(tenant)
    found = fact(portfolio, tenant)
    assert (found.state, found.open is not None) == (state, is_known)
    assert reason in found.reason
    if state == "read":
        assert found.reason == ""


def test_no_permission_is_missing_if_all_data_was_read(portfolio: Portfolio) -> None:
    tenant = portfolio.world.home
    principals(tenant, expires_at=None)
    with factories.in_tenant(tenant):
        Finding.objects.filter(tenant=tenant, outcome="fail").update(
            outcome="unknown", state="unknown", unknown_because=str(Reason.UNDECIDED)
        )
    found = fact(portfolio, tenant)
    assert re.fullmatch(r"\d+ unknown verdicts?", found.urgent)
    assert found.action == "Find out why these verdicts are unknown"


def test_a_partly_refused_sign_in_is_urgent(portfolio: Portfolio) -> None:
    second_principal(portfolio.world.home, **REFUSED)
    assert fact(portfolio, portfolio.world.home).urgent == "Sign-in refused: 1 of 2 service principals"


@pytest.mark.parametrize(
    ("given", "urgent"),
    [
        (REFUSED, "Sign-in refused: 1 of 1 service principals"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "Credential expired: 1 of 1 service principals"),
    ],
)
def test_delegated_subscriptions_are_still_read(
    portfolio: Portfolio, given: dict[str, Any], urgent: str
) -> None:
    refused_but_delegated(portfolio.world.home)
    principals(portfolio.world.home, **{"last_error_code": "", **given})
    assert fact(portfolio, portfolio.world.home).urgent == urgent


def test_an_expired_credential_of_two_is_named(portfolio: Portfolio) -> None:
    second_principal(portfolio.world.home, expires_at=timezone.now() - timedelta(days=1))
    assert fact(portfolio, portfolio.world.home).urgent == "Credential expired: 1 of 2 service principals"


def test_no_headline_hides_incomplete_figures(portfolio: Portfolio) -> None:
    """The headline is “No failure is open”, without a “but”, only if all customers were read fully and recently."""
    facts = facts_of(portfolio)
    nothing = {"open": dict.fromkeys(facts.totals.open, 0), "unknown": 0}
    for state in ("partly", "stale", "not_read", "never"):
        for read in (0, 1):
            counts = dict.fromkeys(("partly", "stale", "not_read", "never"), 0) | {state: 1, "read": read}
            totals = replace(facts.totals, **counts, customers=1 + read, **nothing)
            assert headline(replace(facts, totals=totals)) != "No failure is open", (state, read)


def test_a_report_without_customers_confirms_nothing(portfolio: Portfolio) -> None:
    facts = facts_of(portfolio)
    zero = dict.fromkeys(("customers", "read", "partly", "stale", "not_read", "never", "unknown"), 0)
    empty = replace(
        facts,
        customers=(),
        totals=replace(facts.totals, **zero, open=dict.fromkeys(facts.totals.open, 0), mean_score=None),
        selection=replace(facts.selection, customers=0, left=4),
    )
    text = " ".join(strip_tags(render_html(empty, [])).split())
    assert "No result: the report has no customers" in text
    assert "Everything was read" not in text
    assert "archived or deleted before the report was built" in text


def test_a_change_of_less_than_one_point_is_stated(portfolio: Portfolio) -> None:
    """If the change were rounded to whole points, it would contradict the executive summary of the customer."""
    tenant = portfolio.world.home
    day = timezone.now().date() - timedelta(days=30)
    with factories.in_tenant(tenant):
        Snapshot.objects.filter(tenant=tenant, day__lte=day).delete()
    before = fact(portfolio, tenant)
    assert before.difference is None
    assert before.score is not None
    with factories.in_tenant(tenant):
        Snapshot.objects.create(
            tenant=tenant, day=day, score=before.score, adjusted=round(before.score - 0.4, 1), overdue=0,
            states={"open": 1}, closed=0,
        )  # fmt: skip
    facts = facts_of(portfolio)
    assert [one.difference for one in facts.customers if one.id == str(tenant.pk)] == [0.4]
    text = " ".join(strip_tags(render_html(facts, [])).split())
    assert "+0.4" in text
    assert "compared with 30 days ago: higher for 1, lower for 0, the same for 0" in text


def test_the_same_data_missing_in_two_places_is_one_kind_of_data(portfolio: Portfolio) -> None:
    tenant = portfolio.world.home
    with factories.in_tenant(tenant):
        unit = Assessment.objects.filter(tenant=tenant).latest("number").units.exclude(gaps=[]).first()
        kinds = {gap["collection"] for gap in unit.gaps}
        unit.gaps = [*unit.gaps, *unit.gaps]
        unit.save()
    words = "1 kind of data" if len(kinds) == 1 else f"{len(kinds)} kinds of data"
    assert fact(portfolio, tenant).reason.startswith(f"{words} could not be read;")


def test_no_score_is_called_none_only_if_nothing_applies(portfolio: Portfolio) -> None:
    CASES["everything is not applicable"][1](portfolio.world.home)
    facts = facts_of(portfolio)
    home = next(one for one in facts.customers if one.id == str(portfolio.world.home.pk))
    assert (home.score, home.coverage, home.unknown) == (None, None, 0)

    def row(unknown: int) -> list[str]:
        html = render_html(replace(facts, customers=(replace(home, unknown=unknown),)), [])
        cells = html.partition('id="customers"')[2].partition("</tbody>")[0]
        return strip_tags(cells).split()[-30:]

    assert "none" in row(0)
    assert "none" not in row(1)
