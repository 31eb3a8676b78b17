"""Approving, refusing, revoking and withdrawing exceptions on their page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.models import FindingException
from portal.treatment.selectors.exceptions import seen_digest
from portal.web.components.form_parts import last_day
from tenants.models import Tenant
from tests import factories
from tests.portal.web.exceptions.requests import act, detail, state
from tests.portal.web.treatments import approved, ask, change, day, failing
from tests.portal.web.world import SignIn, World


def test_approving_covers_the_findings(approver: Client, world: World) -> None:
    exception = world.of(world.home)["exception"]
    html = act(approver, world, "approve", exception, note="As discussed.").content.decode()
    assert "Exception approved." in html
    assert "As discussed." in html
    assert state(world, exception) == "active"


@pytest.mark.slow(seconds=1)
def test_an_approver_can_shorten_the_time_and_lower_the_maximum(approver: Client, world: World) -> None:
    fails = len(failing(world)) + 1
    exception = ask(world, rule={"section": "storage"}, maximum=fails + 9)
    act(approver, world, "approve", exception, maximum=fails + 1, ends_at=day(10))
    with factories.in_tenant(world.home):
        exception.refresh_from_db()
    assert (exception.state, exception.maximum, f"{exception.ends_at:%Y-%m-%d %H:%M:%S}") == (
        "active", fails + 1, f"{day(10)} 23:59:59",
    )  # fmt: skip


def test_approving_until_the_requested_day_keeps_the_requested_end(approver: Client, world: World) -> None:
    """The requested end has a time of day. If the approver chooses the same day, this time stays: the exception does
    not get the whole day.
    """
    exception = ask(world, days=30)
    act(approver, world, "approve", exception, ends_at=day(30))
    with factories.in_tenant(world.home):
        held = FindingException.objects.get(pk=exception.pk)
    assert (held.state, held.ends_at) == ("active", exception.ends_at)


def test_changes_since_the_page_was_shown_prevent_approval(approver: Client, world: World) -> None:
    exception = world.of(world.home)["exception"]
    with factories.in_tenant(world.home):
        seen = seen_digest(exception)
    change(world, world.of(world.home)["finding"], kind="BlobStorage")
    html = act(approver, world, "approve", exception, seen=seen, note="As discussed.").content.decode()
    assert "have changed since you opened the page" in html
    assert "As discussed.</textarea>" in html
    assert state(world, exception) == "requested"
    with factories.in_tenant(world.home):
        now = seen_digest(exception)
    assert f'name="seen" value="{now}"' in html
    assert now != seen
    assert act(approver, world, "approve", exception, seen="").status_code == 400
    assert state(world, exception) == "requested"


@pytest.mark.parametrize(
    ("what", "data", "says"),
    [
        ("approve", {"ends_at": "tomorrow"}, "Enter a valid date."),
        ("approve", {"ends_at": day(90)}, "You can choose an earlier end, but not a later one"),
        ("approve", {"ends_at": day(-3)}, "The end must be in the future"),
        ("refuse", {"refuse-note": "  "}, "Enter a reason that the requester can understand."),
        ("refuse", {"refuse-note": "No."}, "Give a reason of at least 3 words."),
    ],
    ids=["no date", "put off", "past", "no note", "one word"],
)
def test_errors_appear_at_their_fields_and_typed_text_is_kept(
    approver: Client, world: World, what: str, data: dict[str, str], says: str
) -> None:
    exception = world.of(world.home)["exception"]
    kept = {"approve": {"note": "My careful note."}, "refuse": {}}[what]
    answer = act(approver, world, what, exception, **kept, **data)
    html = answer.content.decode()
    assert answer.status_code == 400
    assert says in html
    assert 'aria-invalid="true"' in html
    assert all(text in html for text in kept.values())
    assert state(world, exception) == "requested"


def test_a_rule_cannot_be_approved_for_fewer_than_it_matches(approver: Client, world: World) -> None:
    exception = ask(world, rule={"section": "storage"}, maximum=len(failing(world)) + 1)
    answer = act(approver, world, "approve", exception, maximum=1)
    assert answer.status_code == 400
    assert state(world, exception) == "requested"
    assert act(approver, world, "approve", exception, maximum="").status_code == 400


def test_requesters_cannot_decide(approver: Client, world: World) -> None:
    mine = ask(world, by="approver")
    for what, data in (("approve", {}), ("refuse", {"refuse-note": "Not needed any more."})):
        html = act(approver, world, what, mine, **data).content.decode()
        assert "You requested this exception. Another approver must decide." in html
        assert state(world, mine) == "requested"


@pytest.mark.slow(seconds=1)
def test_a_decision_is_final(approver: Client, world: World) -> None:
    exception = world.of(world.home)["exception"]
    act(approver, world, "approve", exception)
    html = act(approver, world, "refuse", exception, **{"refuse-note": "Changed my mind."}).content.decode()
    assert "cannot be refused" in html
    assert state(world, exception) == "active"


def test_revoking_needs_a_reason(approver: Client, world: World) -> None:
    exception = approved(world)
    answer = act(approver, world, "revoke", exception, **{"revoke-note": ""})
    assert answer.status_code == 400
    assert "<details open><summary>Revoke exception</summary>" in answer.content.decode()
    html = act(approver, world, "revoke", exception, **{"revoke-note": "It is fixed now."}).content.decode()
    assert 'data-exception="revoked"' in html
    assert "It is fixed now." in html
    assert state(world, exception) == "revoked"


def test_only_the_requester_withdraws(world: World, sign_in: SignIn) -> None:
    exception = world.of(world.home)["exception"]
    other = sign_in(world.people["tenant_administrator"])
    assert "Only the requester" in act(other, world, "withdraw", exception).content.decode()
    assert state(world, exception) == "requested"
    act(sign_in(world.people["organization_engineer"]), world, "withdraw", exception)
    assert state(world, exception) == "withdrawn"


@pytest.mark.slow(seconds=1)
def test_a_stricter_policy_is_shown_before_the_decision(approver: Client, world: World) -> None:
    exception = world.of(world.home)["exception"]
    html = detail(approver, world, exception)
    assert "At the time of the request." not in html
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(exception_cap_days=20)
    html = detail(approver, world, exception)
    assert (
        'At most 180 days<span class="sub">At the time of the request. The maximum is now 20 days.</span>'
        in html
    )
    latest = last_day(timezone.now() + timedelta(days=20))
    assert f"the policy now allows only 20 days. Choose {latest:%Y-%m-%d} or an earlier day" in html
    assert f'max="{latest:%Y-%m-%d}"' in html
    answer = act(approver, world, "approve", exception)
    assert answer.status_code == 400
    assert "The requested end is later" in answer.content.decode()
    assert state(world, exception) == "requested"
    act(approver, world, "approve", exception, ends_at=f"{latest:%Y-%m-%d}")
    assert state(world, exception) == "active"


def test_the_note_is_required_where_an_approval_needs_one(approver: Client, world: World) -> None:
    exception = world.of(world.home)["exception"]
    with factories.in_tenant(world.home):
        finding = world.of(world.home)["finding"]
        for severity, rank, required in (("critical", 0, True), ("medium", 2, False)):
            Finding.objects.filter(pk=finding.pk).update(severity=severity, severity_rank=rank)
            label = detail(approver, world, exception).split('for="id_note"')[1].split("</label>")[0]
            assert ("(optional)" not in label) is required, severity
