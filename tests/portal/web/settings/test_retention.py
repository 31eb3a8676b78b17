"""The pages of retention: periods, preview, legal holds and runs of a customer, and the organization's default."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment
from portal.accounts.models import Session
from portal.reports.actions import request_report
from portal.reports.errors import NoFinishedAssessment
from portal.retention.actions.runs import carry_out, request_run
from portal.retention.kinds import CUSTOMER_KINDS, KINDS
from portal.retention.models import LegalHold, OrganizationRetentionRule, RetentionRule, RetentionRun
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.portal.web.world import World
from tests.signed_in import signed_in_client


@pytest.fixture
def administrator(world: World) -> Client:
    return signed_in_client(world.people["organization_administrator"])


def url(world: World) -> str:
    return reverse("retention", args=[world.home.slug])


def values(button: str = "save", keys: Any = CUSTOMER_KINDS, **given: str) -> dict[str, str]:
    """Return a form as browsers send it: the default for every kind, except those with days in `given`."""
    data = {button: "1"}
    for kind in keys:
        data |= {kind.key: "default", f"{kind.key}_seen": "default"}
    for key, days in given.items():
        data |= {key: "days", f"{key}_days": days}
    return data


def rules(world: World) -> list[tuple[str, str, bool]]:
    with factories.in_tenant(world.home):
        now = timezone.now()
        return [
            (row.kind, row.text, row.effective_at > now) for row in RetentionRule.objects.order_by("kind")
        ]


def run_preview(world: World) -> RetentionRun:
    with factories.in_tenant(world.home):
        run = RetentionRun.objects.filter(dry_run=True).latest("created_at")
    carry_out(tenant_id=world.home.pk, run_id=run.pk)
    with factories.in_tenant(world.home):
        return RetentionRun.objects.get(pk=run.pk)


def test_longer_and_shorter_periods(world: World, administrator: Client) -> None:
    answer = administrator.post(url(world), values(evidence="500", versions="100"))
    assert (answer.status_code, answer.headers.get("Location")) == (302, url(world))
    assert rules(world) == [("evidence", "500", False), ("versions", "100", True)]
    html = administrator.get(url(world)).content.decode()
    assert "Shorter periods take effect in 7 days; administrators are notified." in html
    assert "In effect now: 500 days (about" not in html
    assert "In effect now: 400 days." in html
    assert "100 days" in html
    assert run_preview(world).days["versions"] == 100
    html = administrator.get(url(world)).content.decode()
    assert "Nothing was deleted." in html
    assert "Resource versions" in html


@pytest.mark.parametrize("days", ["", "0", "89", "36501", "x", "1.5", "९०"])
def test_unusable_days_save_nothing(world: World, administrator: Client, days: str) -> None:
    answer = administrator.post(url(world), values(evidence=days))
    assert answer.status_code == 400
    assert "Enter whole days from 90 to 36500." in answer.content.decode()
    assert rules(world) == []


def test_preview_saves_nothing_and_keeps_what_was_typed(world: World, administrator: Client) -> None:
    answer = administrator.post(url(world), values("preview", evidence="91"))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="91"' in html
    assert 'hx-trigger="every 2s"' in html
    assert rules(world) == []
    assert run_preview(world).days["evidence"] == 91
    html = administrator.get(url(world)).content.decode()
    assert "Would be deleted" in html
    assert "91 days" in html


def test_somebody_else_has_changed_a_period(world: World, administrator: Client) -> None:
    administrator.post(url(world), values(evidence="500"))
    answer = administrator.post(url(world), values(evidence="600"))
    assert answer.status_code == 409
    assert "500 days" in answer.content.decode()
    assert rules(world) == [("evidence", "500", False)]


@pytest.mark.slow(seconds=1)
def test_hold_is_placed_and_lifted_with_a_reason(world: World, administrator: Client) -> None:
    assert administrator.post(url(world), {"hold": "1", "reason": ""}).status_code == 400
    html = administrator.post(
        url(world), {"hold": "1", "reason": "Case <4711>"}, follow=True
    ).content.decode()
    assert "Legal hold: old data is not deleted." in html
    assert "Case &lt;4711&gt;" in html
    page = reverse("organization-retention", args=[world.organization.slug])
    assert "Case &lt;4711&gt;" in administrator.get(page).content.decode()
    html = administrator.post(url(world), {"lift": "1", "reason": "Settled"}, follow=True).content.decode()
    assert "The legal hold was lifted." in html
    with factories.in_tenant(world.home):
        hold = LegalHold.objects.get()
    assert hold.placed_by == hold.lifted_by == world.people["organization_administrator"]
    assert (
        "not on legal hold"
        in administrator.post(url(world), {"lift": "1", "reason": "x"}, follow=True).content.decode()
    )


def test_run_is_cancelled(world: World, administrator: Client) -> None:
    with factories.in_tenant(world.home):
        run = request_run(tenant=world.home, by=BY, dry_run=False)
    assert "Waiting" in administrator.get(url(world)).content.decode()
    html = administrator.post(url(world), {"cancel": str(run.pk)}, follow=True).content.decode()
    assert "The run is cancelled." in html
    assert administrator.post(url(world), {"cancel": str(factories.tenant().pk)}).status_code == 404


@pytest.mark.parametrize("role", ["organization_engineer", "approver", "owner", "auditor"])
def test_others_may_not_change_retention(world: World, role: str) -> None:
    client = signed_in_client(world.people[role])
    assert client.post(url(world), values(evidence="90")).status_code == 403
    assert rules(world) == []


def test_default_of_the_organization(world: World, administrator: Client) -> None:
    page = reverse("organization-retention", args=[world.organization.slug])
    sent = values(keys=KINDS.values(), sessions="10", evidence="500")
    assert administrator.post(page, sent).status_code == 302
    with organization_scope(world.organization):
        rows = list(OrganizationRetentionRule.objects.order_by("kind").values_list("kind", "days"))
    assert rows == [("evidence", 500), ("sessions", 10)]
    html = administrator.get(url(world)).content.decode()
    assert "Default: 500 days" in html
    client = signed_in_client(world.people["tenant_administrator"])
    assert client.get(page).status_code == 403


def test_assessment_without_details_says_so_and_has_no_new_report(
    world: World, administrator: Client
) -> None:
    with factories.in_tenant(world.home):
        row = Assessment.objects.earliest("number")
        Assessment.objects.filter(pk=row.pk).update(details_deleted_at=timezone.now())
        with pytest.raises(NoFinishedAssessment, match="were deleted under the retention policy"):
            request_report(tenant=world.home, by=BY, assessment=row)
    html = " ".join(
        administrator.get(reverse("assessment", args=[world.home.slug, row.pk])).content.decode().split()
    )
    assert (
        "Data that a report on this assessment needs (evidence or changes of findings) was deleted on" in html
    )
    choices = administrator.get(reverse("reports", args=[world.home.slug])).content.decode()
    assert f'value="{row.pk}"' not in choices


def test_preview_of_the_organization_sums_its_customers_and_sessions(
    world: World, administrator: Client
) -> None:
    page = reverse("organization-retention", args=[world.organization.slug])
    assert "What would be deleted" not in administrator.get(page).content.decode()
    with organization_scope(world.organization):
        now = timezone.now()
        for number in range(3):
            Session.objects.create(
                key_hash=f"{number:064}",
                person=world.people["owner"],
                last_seen_at=now,
                expires_at=now - timedelta(days=20),
            )
    bad = values(keys=KINDS.values(), evidence="1")
    assert administrator.post(page, {**bad, "preview": "1"}).status_code == 400
    sent = values(keys=KINDS.values(), sessions="10", evidence="90")
    answer = administrator.post(page, {**sent, "preview": "1"})
    assert answer.status_code == 302
    address = answer["Location"]
    html = administrator.get(address).content.decode()
    assert "Customers counted" in html
    assert 'hx-select="#retention-preview"' in html
    with organization_scope(world.organization):
        assert not OrganizationRetentionRule.objects.exists()
        (run,) = RetentionRun.objects.filter(tenant=world.home, dry_run=True)
    assert run.days["evidence"] == 90
    carry_out(tenant_id=world.home.pk, run_id=run.pk)
    shown = administrator.get(address)
    assert "as a total of all customers" in " ".join(shown.content.decode().split())
    rows = {row["label"]: row for row in shown.context["preview"].rows}
    assert (rows["Ended sessions"]["rows"], rows["Evidence"]["period"]) == (3, "90 days")
    with organization_scope(world.organization):
        run.refresh_from_db()
    assert rows["Evidence"]["rows"] == run.results["evidence"]["rows"]
    assert shown.context["form"]["evidence_days"].value() == "90"
    assert administrator.get(f"{page}?preview=1&sessions=x&evidence=-1").context["preview"] is None
