"""The texts that a customer reads if Azure refuses a request or the sign-in of the organization's own principal."""

from __future__ import annotations

import pytest

from assessments.collect.activity.activity_log import ACTIVITY_LOG
from assessments.collect.delegated_errors import SIGN_IN_TEXT, without_principal
from assessments.models import Unit
from tenants.scope import organization_scope, tenant_scope
from tests.assessments.collect.azure import CLIENT, DIRECTORY, answer
from tests.isolation.lighthouse import MANAGING, SUBSCRIPTIONS, Msp, found_in
from tests.isolation.raw_sql import TENANT_TABLES, sql

OBJECT = "0b1ec700-0000-4000-8000-00000000000b"


def stored(msp: Msp, needles: list[str]) -> list[tuple[str, str]]:
    """Return (table, row) for each row of Alder that contains one of the `needles`."""
    tenant = msp.customers["Alder"].tenant
    with tenant_scope(tenant.pk):
        return [
            (table, row)
            for table in TENANT_TABLES
            for (row,) in sql(f"SELECT t::text FROM {table} t WHERE tenant_id = %s", tenant.pk)
            if found_in(row, needles)
        ]


@pytest.mark.slow(seconds=1)
def test_a_refusal_does_not_name_the_principal(msp: Msp) -> None:
    scope = f"/subscriptions/{SUBSCRIPTIONS['Alder']}"
    message = (
        f"The client '{CLIENT}' with object id '{OBJECT}' does not have authorization to perform action 'read'"
        f" over scope '{scope}' of directory {DIRECTORY}."
    )
    body = {"error": {"code": "AuthorizationFailed", "message": message}}
    paths = ("Microsoft.Network/networkSecurityGroups", ACTIVITY_LOG.path.partition("/providers/")[2])
    msp.azure_is(more=[answer(f"{scope}/providers/{path}", 403, body) for path in paths])
    msp.check_now()
    msp.assign("Alder")
    msp.customers["Alder"].assess()
    assert stored(msp, [OBJECT, *MANAGING]) == []
    with tenant_scope(msp.customers["Alder"].tenant.pk):
        gaps = str(Unit.objects.get(kind=Unit.Kind.SUBSCRIPTION).gaps)
    assert "The organization’s service principal does not have authorization" in gaps
    assert "of directory [hidden]" in gaps
    assert scope in gaps


@pytest.mark.slow(seconds=1)
def test_a_refused_sign_in_does_not_advise_the_customer_about_the_credential(msp: Msp) -> None:
    msp.check_now()
    msp.assign("Alder")
    msp.azure_is(secret="another secret")
    customer = msp.customers["Alder"]
    customer.assess()
    with tenant_scope(customer.tenant.pk):
        unit = Unit.objects.get(kind=Unit.Kind.SUBSCRIPTION)
    assert (unit.error_code, unit.error) == ("organization_sign_in", SIGN_IN_TEXT)
    assert stored(msp, ["aadsts", "enter a new secret", "the secret is wrong", *MANAGING]) == []
    with organization_scope(msp.organization):
        msp.principal.refresh_from_db()
    assert msp.principal.last_error_code.startswith("AADSTS"), "the organization still reads the reason"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f"Principal {OBJECT} is blocked", "Principal [hidden] is blocked"),
        (f"{OBJECT.upper()}", "[hidden]"),
        ("No registered resource provider found", "No registered resource provider found"),
    ],
)
def test_other_ids_than_those_of_the_request_are_hidden(message: str, expected: str) -> None:
    assert without_principal(message, f"/subscriptions/{SUBSCRIPTIONS['Alder']}/x") == expected
