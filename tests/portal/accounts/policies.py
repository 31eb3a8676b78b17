"""Change an organization's sign-in policy through the action."""

from __future__ import annotations

from typing import Any

from tenants.actions.sign_in_policy import FIELDS, change_sign_in_policy
from tenants.models import Organization
from tenants.scope import organization_scope
from tests.factories import BY
from tests.portal.accounts.conftest import Staff


def set_policy(staff: Staff, **values: Any) -> None:
    with organization_scope(staff.organization):
        row = Organization.objects.get(pk=staff.organization.pk)
        now = {name: getattr(row, name) for name in FIELDS}
        change_sign_in_policy(by=BY, organization=row, **{**now, **values})
