"""The executive summary fits on two pages, also with the rows of a large customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import ngettext

from assessments.models import Assessment
from portal.reports.parts import next_steps, results, risks
from portal.reports.parts.next_steps import Step
from portal.reports.parts.part import ReportFacts
from portal.reports.parts.risks import Risk
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import Snapshot
from portal.treatment.naming import control_problem
from tenants.models import Tenant
from tests import factories
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.web.world import World

pytestmark = pytest.mark.slow

SINCE: Final = datetime(2026, 9, 2, tzinfo=UTC)

# The controls that the demonstration's first customer must fix first: (slug, severity, open failures, verdicts,
# overdue findings, owner).
RISKS: Final = (
    ("network-rdp-from-internet", "critical", 6, 39, 4, "Olga Owner"),
    ("network-ssh-from-internet", "critical", 3, 39, 1, "Olga Owner"),
    ("identity-mfa-privileged", "critical", 2, 7, 2, ""),
    ("sql-firewall-internet", "critical", 1, 4, 1, ""),
    ("storage-pna-disabled", "high", 29, 39, 5, "Olga Owner"),
    ("registry-pna", "high", 13, 13, 4, ""),
    ("defender-plan-containers", "high", 11, 14, 3, ""),
)

# The step that the report recommends if a credential lacks permissions of Microsoft Graph.
PERMISSIONS: Final = (
    "For 20 of them: Grant RoleManagement.Read.Directory, RoleEligibilitySchedule.Read.Directory,"
    " PrivilegedEligibilitySchedule.Read.AzureADGroup, GroupMember.Read.All and AuditLog.Read.All in Microsoft Graph,"
    " with admin consent"
)


def _risks(facts: ReportFacts) -> list[Risk]:
    return [_risk(facts, *row) for row in RISKS]


def _risk(
    facts: ReportFacts, slug: str, severity: str, failures: int, verdicts: int, overdue: int, owner: str
) -> Risk:
    control = next(each for each in facts.of(results.PART).controls if each.slug == slug)
    assert control.severity == severity
    return Risk(
        control=control, severity=severity, problem=control_problem(slug), why=control.why, open=failures,
        of=verdicts, failing_since=SINCE, due_at=SINCE, overdue=overdue, days=88.0 * failures, owner=owner,
        more_owners=bool(owner), unassigned=failures // 2 if owner else failures,
    )  # fmt: skip


def _steps(_: ReportFacts) -> list[Step]:
    """Return the demonstration's steps, with the sentences of `next_steps`. Most details need two lines. The detail
    `PERMISSIONS` is longer, so the report cuts it.
    """
    detail = "13 critical, 25 high and 55 medium. Longest overdue: weak sign-in methods enabled, 158 days"
    found = [
        (ngettext("Fix %(number)s overdue finding", "Fix %(number)s overdue findings", 83), 83),
        (ngettext("Fix %(number)s finding that is due soon", "Fix %(number)s findings that are due soon", 934), 934),
        (ngettext("Assign %(number)s open finding to an owner",
                  "Assign %(number)s open findings to an owner", 284), 284),
        (ngettext("Decide on %(number)s exception", "Decide on %(number)s exceptions", 2), 2),
        (ngettext("Fix the failures covered by %(number)s exception that ends soon, or request a new exception",
                  "Fix the failures covered by %(number)s exceptions that end soon, or request new exceptions", 1), 1),
        (ngettext("Answer %(number)s manual verdict", "Answer %(number)s manual verdicts", 182), 182),
    ]  # fmt: skip
    unknown = ngettext(
        "Resolve the cause of %(number)s unknown verdict",
        "Resolve the causes of %(number)s unknown verdicts",
        69,
    )
    return [
        Step(unknown % {"number": 69}, PERMISSIONS, "29 September 2026"),
        *(Step(sentence % {"number": number}, detail, "29 September 2026") for sentence, number in found),
    ]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_the_rows_of_the_demonstration_fit_on_two_pages(
    paper: str, language: str, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    now = timezone.now()
    monkeypatch.setattr(risks, "risks", _risks)
    monkeypatch.setattr(next_steps, "steps", _steps)
    with factories.in_tenant(world.home):
        today = take_snapshot(tenant=world.home, now=now)
        Snapshot.objects.create(
            tenant=world.home, day=today.day - timedelta(days=80), taken_at=now, through=1, score=61.9, adjusted=60.5,
            states={"open": 340}, overdue=3,
        )  # fmt: skip
        found = rendered(world.home, kind="executive", paper=paper, language=language)
        add_assessments(world.home)
        upgraded = rendered(world.home, kind="executive", paper=paper, language=language)
    assert found.pages == upgraded.pages == 2
    assert "Gr…" not in found.text(tmp_path)
    assert (upgraded.results["catalogues"], upgraded.results["historic"]) == (2, True)


def add_assessments(tenant: Tenant) -> None:
    """Store a first assessment that used another catalogue, and a last assessment that read only one subscription. Each
    of the two adds a sentence to the summary.
    """
    now, numbers = (
        timezone.now(),
        Assessment.objects.filter(tenant=tenant).aggregate(Min("number"), Max("number")),
    )
    for number, ended, catalogue, only in (
        (numbers["number__min"] - 1, now - timedelta(days=10), "0", []),
        (numbers["number__max"] + 1, now, "1", ["/subscriptions/one"]),
    ):
        Assessment.objects.create(
            tenant=tenant, number=number, state="finished", started_at=ended, ended_at=ended, only=only,
            catalogue_hash=catalogue * 64, product_version="0.9.0",
        )  # fmt: skip


def test_long_details_keep_whole_words() -> None:
    found = next_steps.shortened(PERMISSIONS)
    assert found.endswith("PrivilegedEligibilitySchedule.Read.AzureADGroup …")
    assert len(found) <= next_steps.MAX_DETAIL
    assert next_steps.shortened("x " * 75) == "x " * 75
