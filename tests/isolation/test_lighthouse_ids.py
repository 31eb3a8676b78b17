"""If Azure lists subscriptions whose ids are no GUIDs, a check reports and skips them, and updates all others."""

from __future__ import annotations

import pytest

from assessments.actions.credentials.attempt_records import latest_attempt
from assessments.actions.credentials.managing_attempts import request_managing_check, run_managing_attempt
from tenants.models import Delegation, ManagingPrincipal, OrganizationJournalEntry
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.assessments.collect.azure import DIRECTORY, answer
from tests.assessments.sandboxed_customer import sent
from tests.isolation.lighthouse import HOMES, SUBSCRIPTIONS, Msp

HOSTILE = (
    ("not-a-guid", HOMES["Alder"]),
    ("d0000000-0000-0000-0000-0000000000dd", "no directory\x07"),
    (f"{SUBSCRIPTIONS['Alder']}/../../{SUBSCRIPTIONS['Bluebird']}", HOMES["Alder"]),
)


def line(subscription_id: str, home: str) -> dict[str, object]:
    return {
        "id": f"/subscriptions/{subscription_id}",
        "subscriptionId": subscription_id,
        "displayName": "Hostile",
        "state": "Enabled",
        "tenantId": home,
        "managedByTenants": [{"tenantId": DIRECTORY}],
    }


@pytest.mark.parametrize("again", [False, True])
def test_ids_that_are_no_guids_stop_no_check(msp: Msp, again: bool) -> None:
    if again:
        msp.check_now()
    usual = [line(SUBSCRIPTIONS[name], HOMES[name]) for name in ("Alder", "Bluebird")]
    listed = {"value": [*[line(*one) for one in HOSTILE], {"displayName": "No id"}, *usual]}
    msp.azure_is("Alder", "Bluebird", more=[answer("/subscriptions", 200, listed)])
    administrator = factories.member(Role.ORGANIZATION_ADMINISTRATOR, msp.organization)
    with organization_scope(msp.organization):
        msp.principal.refresh_from_db()
        attempt = request_managing_check(by=administrator, principal=msp.principal)
    sent()
    msp.forget_requests()
    run_managing_attempt(organization_id=msp.organization.pk, attempt_id=attempt.id)

    ended = latest_attempt(msp.organization.pk, attempt.id)
    assert ended is not None
    assert ended.has_succeeded
    assert ended.subscriptions == 2
    for part in (
        "4 subscriptions",
        "no ID",
        "“not-a-guid”",
        "“d0000000-0000-0000-0000-0000000000dd”",
        "az account list",
    ):
        assert part in ended.error
    assert "\x07" not in ended.error
    with organization_scope(msp.organization):
        states = dict(Delegation.objects.values_list("subscription_id", "state"))
        assert ManagingPrincipal.objects.get().last_error == ended.error
        latest = OrganizationJournalEntry.objects.filter(action="managing_principal.signed_in").latest(
            "sequence"
        )
    assert states == {
        SUBSCRIPTIONS["Alder"]: "Enabled",
        SUBSCRIPTIONS["Bluebird"]: "Enabled",
        **({SUBSCRIPTIONS["Cormorant"]: Delegation.VANISHED} if again else {}),
    }
    assert latest.details["problem"] == ended.error
    assert "not-a-guid" not in msp.requests(), "nothing is requested with such an id"
