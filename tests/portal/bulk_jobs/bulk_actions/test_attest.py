"""Answer the selected manual controls. The page with the form for the answers has its own tests."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.bulk_jobs.bulk_actions.attest import ACTION
from portal.treatment.models import Attestation
from tests import factories
from tests.portal.bulk_jobs.cases import Case
from tests.portal.bulk_jobs.selections import button_of, offered_to
from tests.portal.web.world import World

_DAY = timezone.now().date() + timedelta(days=30)
_LAST_SECOND = datetime.combine(_DAY, time(23, 59, 59)).astimezone().isoformat()

CASES = [
    Case(
        action="attest",
        words=["--met", "--statement", "Looked at all of them.", "--valid-until", f"{_DAY}T10:00Z"],
        values={
            "attest": {
                "met": True,
                "statement": "Looked at all of them.",
                "valid_until": f"{_DAY}T10:00:00+00:00",
            }
        },
        shown=["Looked at all of them.", "Valid until"],
        verdict="manual",
    ),
    Case(
        action="attest",
        words=["--not-met", "--statement", "Looked.", "--valid-until", str(_DAY)],
        values={"attest": {"met": False, "statement": "Looked.", "valid_until": _LAST_SECOND}},
        shown=["Not met", "Looked.", "Valid until"],
        verdict="manual",
    ),
]


def test_its_button_sends_the_selection_to_the_page_of_the_answer(world: World, engineer: Client) -> None:
    html = engineer.get(reverse("findings", args=[world.home.slug])).content.decode()
    page = reverse(button_of(ACTION).page, args=[world.home.slug])
    assert f'formaction="{page}"' in html
    response = engineer.post(page, {"q": "verdict=manual"})
    with factories.in_tenant(world.home):
        manual = Finding.objects.filter(tenant=world.home, outcome="manual", gone_at=None)
        assert set(response.context["findings"]) == set(manual.values_list("pk", flat=True)) != set()


def test_the_bulk_action_itself_changes_nothing(world: World, engineer: Client) -> None:
    with factories.in_tenant(world.home):
        before = Attestation.objects.count()
    response = engineer.post(
        reverse("findings-bulk", args=[world.home.slug]),
        {"action": ACTION.key, "q": "verdict=manual"},
        follow=True,
    )
    assert "Choose an action" in response.content.decode()
    with factories.in_tenant(world.home):
        assert Attestation.objects.count() == before


def test_auditors_and_approvers_may_not_answer_in_bulk(world: World) -> None:
    roles = {"organization_administrator", "organization_engineer", "tenant_administrator", "owner"}
    assert offered_to(world, ACTION) == roles
