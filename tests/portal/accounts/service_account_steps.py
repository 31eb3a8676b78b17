"""Add and change service accounts, and send requests with their tokens."""

from __future__ import annotations

from typing import Any

from django.test import Client

from portal.accounts.actions.service_accounts import (
    change_service_account,
    create_service_account,
)
from portal.accounts.actions.service_credentials import create_service_token
from tenants.models import (
    ServiceAccount,
)
from tenants.roles import Role
from tenants.scope import person_scope
from tests.portal.accounts.conftest import Staff


def add_account(staff: Staff, name: str = "Ticket system", **given: Any) -> ServiceAccount:
    values: dict[str, Any] = {
        "by": staff.ada,
        "purpose": "Opens tickets for failures",
        "responsible": staff.bea,
        "role": Role.ORGANIZATION_ENGINEER,
        **given,
    }
    with person_scope(staff.ada):
        return create_service_account(organization=staff.organization, name=name, **values)


def token_of(staff: Staff, account: ServiceAccount, **given: Any) -> str:
    with person_scope(staff.ada):
        return create_service_token(by=staff.ada, account=account, name="Server", days=30, **given)[1]


def client_with(text: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {text}"})


def change_account(staff: Staff, account: ServiceAccount, **given: Any) -> None:
    values: dict[str, Any] = {
        "purpose": account.purpose,
        "responsible": staff.bea,
        "role": Role.ORGANIZATION_ENGINEER,
        **given,
    }
    with person_scope(staff.ada):
        change_service_account(by=staff.ada, account=account, **values)
