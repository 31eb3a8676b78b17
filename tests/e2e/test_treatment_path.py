"""Exceptions and attestations, with each person in a separate browser: request, approve, return, expire, attest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments.models import Assessment, Finding
from portal.treatment.models import FindingException
from portal.treatment.tasks import after_assessment, refresh
from tenants import journal
from tests import factories
from tests.e2e.conftest import Open, picture, sign_in
from tests.portal.web.world import World, account, assess, give

pytestmark = pytest.mark.e2e
type SignedIn = Callable[..., Page]

SSH = "network-ssh-from-internet"
REASON = "Jump host of the logistics partner, who comes from changing addresses."


def group(guid: str, *names: str) -> dict[str, Any]:
    """Return a network security group with these rules, each of which opens SSH to the Internet."""
    identifier = (
        f"/subscriptions/{guid}/resourceGroups/rg-prod/providers/Microsoft.Network/networkSecurityGroups/jump"
    )
    return {
        "id": identifier,
        "name": "jump",
        "type": "Microsoft.Network/networkSecurityGroups",
        "location": "westeurope",
        "properties": {
            "securityRules": [
                {
                    "id": f"{identifier}/securityRules/{name}",
                    "name": name,
                    "properties": {
                        "protocol": "Tcp",
                        "sourcePortRange": "*",
                        "destinationPortRange": "22",
                        "sourceAddressPrefix": "*" if number == 0 else f"{number}.0.0.0/1",
                        "destinationAddressPrefix": "*",
                        "access": "Allow",
                        "priority": 200 - number,
                        "direction": "Inbound",
                    },
                }
                for number, name in enumerate(names)
            ],
            "subnets": [{"id": f"/subscriptions/{guid}/subnet"}],
        },
    }


@pytest.fixture
def judged(world: World) -> Callable[..., Assessment]:
    """``judged(*names)`` assesses the customer with SSH rules of these names, and refreshes treatments."""
    own = world.of(world.home)

    def run(*rules: str) -> Assessment:
        guid = own["subscription"].subscription_id
        accounts = [account(guid, own["finding"].subject_name, safe=False)]
        ended = assess(
            world.home,
            own["subscription"],
            accounts,
            by=world.people["organization_engineer"],
            groups=[group(guid, *rules)],
        )
        after_assessment(str(world.home.pk), str(ended.pk))
        return ended

    return run


@pytest.fixture
def port(world: World, judged: Callable[..., Assessment]) -> Finding:
    """Return a failing finding about an open SSH port, owned by the person with the role Owner."""
    judged("allow-ssh")
    with factories.in_tenant(world.home):
        found = Finding.objects.get(tenant=world.home, control=SSH, outcome="fail")
        give(world.home, found, world.people["owner"], by=world.people["organization_engineer"])
    return found


def state_on(page: Page, world: World, finding: Finding) -> str:
    page.goto(reverse("finding", args=[world.home.slug, finding.pk]))
    return page.locator("#treatment-title").locator("xpath=..").locator(".badge").inner_text().strip()


def actions(world: World) -> list[str]:
    with factories.in_tenant(world.home):
        assert journal.verify(world.home) == []
        return [entry.action for entry in journal.entries(world.home)]


def ask(page: Page, world: World, finding: Finding) -> None:
    page.goto(reverse("finding", args=[world.home.slug, finding.pk]))
    page.get_by_role("link", name="Request exception").click()
    page.get_by_label("Reason").fill(REASON)
    page.get_by_label("Compensating control").fill("Keys only; the log is read every week.")
    page.get_by_label("Ends").fill(f"{timezone.now() + timedelta(days=30):%Y-%m-%d}")
    page.get_by_role("button", name="Request exception", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Exception")


def approve(page: Page, world: World, sentence: str) -> None:
    page.goto(reverse("exceptions", args=[world.home.slug]))
    page.get_by_role("region", name="Waiting for a decision").get_by_role("link", name=sentence).first.click()
    # The finding is critical, so approving needs a note.
    page.get_by_label("Note").first.fill("The address of the partner is fixed from next week on.")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Exception")


def test_an_exception_is_approved_returned_approved_again_and_expires(
    signed_in: SignedIn, open_page: Open, world: World, port: Finding, judged: Callable[..., Assessment]
) -> None:
    title = "SSH"
    owner, approver = signed_in(world.people["owner"]), signed_in(world.people["approver"])
    assert state_on(owner, world, port) == "Open"
    ask(owner, world, port)
    expect(owner.get_by_role("button", name="Approve")).to_have_count(0)
    picture(owner, "exception-requested")
    assert state_on(owner, world, port) == "Open", "asking changes nothing"

    approve(approver, world, title)
    picture(approver, "exception-approved")
    assert state_on(owner, world, port) == "Excepted"

    judged("allow-ssh", "allow-ssh-too")
    assert state_on(owner, world, port) == "Open", "another value was not approved"
    approver.goto(reverse("exceptions", args=[world.home.slug]))
    picture(approver, "exceptions-returned")
    waiting = approver.get_by_role("region", name="Waiting for a decision")
    expect(waiting.get_by_text("Observed values changed")).to_be_visible()
    approve(approver, world, title)
    assert state_on(owner, world, port) == "Excepted"

    with time_machine.travel(timezone.now() + timedelta(days=32)):
        refresh(str(world.home.pk))
        page = open_page()
        sign_in(page, world.people["owner"])
        assert state_on(page, world, port) == "Open", "its end has come"
        timeline = page.locator("#timeline")
        for line in ("Exception requested", "Exception approved", "Exception returned", "Exception expired"):
            expect(timeline.get_by_text(line).first).to_be_visible()
        page.goto(reverse("exceptions", args=[world.home.slug]))
        expect(page.get_by_role("region", name="Register").get_by_text("Expired")).to_be_visible()
        picture(page, "exceptions-expired")

    happened = [action for action in actions(world) if action.startswith("exception.")]
    # The first of these requests is part of the data of `World`.
    assert happened == [
        "exception.requested",
        "exception.requested",
        "exception.approved",
        "exception.returned",
        "exception.approved",
        "exception.expired",
    ]
    with factories.in_tenant(world.home):
        (row,) = FindingException.objects.filter(tenant=world.home, requested_by=world.people["owner"])
        assert (row.state, row.decided_by_id) == ("expired", world.people["approver"].pk)


def test_nobody_approves_their_own_request(world: World, signed_in: SignedIn, port: Finding) -> None:
    both = factories.member(world_role("approver"), world.home, world.people["owner"])
    page = signed_in(both)
    ask(page, world, port)
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.get_by_text("someone else must decide", exact=False).first).to_be_visible()
    with factories.in_tenant(world.home):
        row = FindingException.objects.get(tenant=world.home, requested_by=both)
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    answer = page.request.post(
        page.url.rstrip("/") + "/approve/",
        form={"csrfmiddlewaretoken": token or ""},
        headers={"Referer": page.url},
    )
    assert answer.status in (400, 403, 409)
    with factories.in_tenant(world.home):
        row.refresh_from_db()
    assert (row.state, row.decided_by_id) == ("requested", None)


def world_role(name: str) -> Any:
    from tenants.roles import Role

    return Role(name)


def test_a_manual_control_is_answered_and_its_answer_ends(
    signed_in: SignedIn, open_page: Open, world: World
) -> None:
    with factories.in_tenant(world.home):
        manual = (
            Finding.objects.filter(tenant=world.home, outcome="manual", treatment__attestation__isnull=True)
            .order_by("control", "pk")
            .first()
        )
        assert manual is not None
        give(world.home, manual, world.people["owner"], by=world.people["organization_engineer"])
    page = signed_in(world.people["owner"])
    page.goto(reverse("attestations", args=[world.home.slug]))
    page.get_by_role("region", name="Manual controls").get_by_role("link").first.click()
    picture(page, "attest")
    page.get_by_label("Yes, it is met").check()
    page.get_by_label("Statement").fill("Looked at in the quarterly review; the minutes are kept.")
    page.get_by_label("Valid until").fill(f"{timezone.now() + timedelta(days=30):%Y-%m-%d}")
    page.get_by_role("button", name="Answer").last.click()
    assert state_on(page, world, manual) == "Attested"
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        refresh(str(world.home.pk))
        later = open_page()
        sign_in(later, world.people["owner"])
        assert state_on(later, world, manual) == "Attestation expired"
        picture(later, "attestation-expired")
    assert [a for a in actions(world) if a.startswith("attestation.")][-1] == "attestation.lapsed"


def test_an_auditor_reads_the_register_and_decides_nothing(
    signed_in: SignedIn, world: World, port: Finding
) -> None:
    page = signed_in(world.people["auditor"])
    page.goto(reverse("exceptions", args=[world.home.slug]))
    page.get_by_role("region", name="Register").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Reason")).to_be_visible()
    for word in ("Approve", "Refuse", "Revoke", "Withdraw request"):
        expect(page.get_by_role("button", name=word)).to_have_count(0)
    with page.expect_download(timeout=30_000) as download:
        page.get_by_role("link", name="request.csv").click()
    assert download.value.suggested_filename == "request.csv"
    page.goto(reverse("exceptions", args=[world.home.slug]))
    with page.expect_download(timeout=30_000) as register:
        page.get_by_role("link", name="Export CSV").click()
    assert "public site" in register.value.path().read_text(encoding="utf-8-sig")


def test_a_mail_s_link_changes_nothing_and_its_button_acknowledges(
    open_page: Open, world: World, port: Finding
) -> None:
    page = open_page()
    address = reverse("finding-acknowledge", args=[world.home.slug, port.pk])
    page.goto(address)
    assert "/accounts/login/" in page.url
    page.get_by_label("Email").fill(world.people["owner"].email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{address}")
    assert "finding.acknowledged" not in actions(world), "a link that was opened does nothing"
    picture(page, "acknowledge")
    page.get_by_role("button", name="Acknowledge").first.click()
    assert state_on(page, world, port) == "Acknowledged"
    assert actions(world).count("finding.acknowledged") == 1
