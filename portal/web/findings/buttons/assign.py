"""Assign findings to a person, or remove their owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from portal.bulk_jobs.bulk_actions.assign import ACTION
from portal.treatment.selectors.owners import eligible_owners
from portal.web.findings.buttons.base import Button
from portal.web.shared.forms.treatments import OwnerForm
from tenants.errors import InvalidInput
from tenants.models import Tenant


class Assign(Button):
    """Assign findings to a member who is chosen from a list, or remove their owner."""

    def form(self, tenant: Tenant, data: Mapping[str, Any] | None = None) -> forms.Form:
        return OwnerForm(data, people=eligible_owners(tenant), auto_id="bulk_%s")

    def cleaned(self, tenant: Tenant, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the email address of the chosen owner, or None for “Unassigned”. If no choice was made, raise
        InvalidInput, because a missing choice does not mean “Unassigned”.
        """
        form = OwnerForm(data, people=eligible_owners(tenant))
        if not form.is_valid() or "owner" not in data:
            raise InvalidInput("Choose an owner who has access to this customer, or Unassigned.")
        owner = form.chosen()
        return {"email": None if owner is None else owner.email}


BUTTON = Assign(ACTION)
