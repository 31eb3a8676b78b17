"""Check and change the retention periods of baselines. Only administrators of the organization may change these
periods.

Engineers may change everything else in a baseline, but must not be able to change for how long data is kept.
"""

from __future__ import annotations

from collections.abc import Mapping

from portal.retention.actions.policy import normalized
from portal.retention.kinds import CUSTOMER_KINDS
from portal.treatment.models import Baseline
from portal.treatment.selectors.baselines import RETENTION
from tenants.errors import InvalidInput, PermissionDenied, invalid
from tenants.models import Organization
from tenants.roles import Capability
from tenants.scope import current


def changed_periods(baseline: Baseline, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the new periods of the baseline: {kind: days, “keep” or “default”}. Kinds without a text in `wanted` are
    left out.

    Raise InvalidInput for a period that is not allowed. Raise PermissionDenied if a period changes and the person may
    not change periods.
    """
    found = {}
    for kind in CUSTOMER_KINDS:
        if text := wanted.get(kind.key, "").strip():
            try:
                found[kind.key] = normalized(kind, text)
            except InvalidInput as error:
                raise invalid(f"retention_{kind.key}", error.message) from None
    if found != baseline.retention:
        _check_retain(baseline.organization)
    return found


def check_may_set(organization: Organization, setting: str) -> None:
    """Raise PermissionDenied if the setting is a retention period and the person may not change retention periods."""
    if setting.startswith(RETENTION):
        _check_retain(organization)


def may_retain(organization: Organization) -> bool:
    """Return whether the person of the current scope (`tenants.scope`) may change how long the data of the
    organization's customers is kept.
    """
    return current().may_in_organization(Capability.RETAIN, organization.pk)


def _check_retain(organization: Organization) -> None:
    if not may_retain(organization):
        raise PermissionDenied(
            "Only administrators of the organization can change how long the data of customers is kept.",
            code="not_administrator",
        )
