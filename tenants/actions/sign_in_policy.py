"""Change an organization's sign-in policy."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from tenants import journal
from tenants.actors import Actor
from tenants.errors import invalid
from tenants.models import Organization
from tenants.roles import Role
from tenants.values.stale_values import Part, check_unchanged

FIELDS = (
    "second_factor_roles",
    "sso_counts_as_second_factor",
    "sso_domains",
    "session_idle_minutes",
    "session_hours",
)


def policy_part(organization: Organization) -> Part:
    """Return the stored policy as {field: value}, for `tenants.values.stale_values`, which refuses a change if the
    stored policy is no longer the one that the person saw.
    """
    return {name: getattr(organization, name) for name in FIELDS}


@transaction.atomic
def change_sign_in_policy(
    *,
    by: Actor,
    organization: Organization,
    second_factor_roles: Collection[str],
    sso_counts_as_second_factor: bool,
    sso_domains: Collection[str],
    session_idle_minutes: int | None,
    session_hours: int | None,
    expected: Part | None = None,
) -> Organization:
    """Store the policy, which takes effect immediately, and record its changes, if any.

    The caller checks Capability.ORGANIZATION, and that the policy does not lock the person out. `expected` is the
    policy that the person saw (`policy_part`). Raise Conflict (changed_meanwhile) if the stored policy has changed
    since then, unless the new policy is already stored.
    """
    if unknown := set(second_factor_roles) - set(Role.values):
        raise invalid("second_factor_roles", f"Unknown role “{min(unknown)}”. Choose roles from the list.")
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before = policy_part(row)
    row.second_factor_roles = sorted(set(second_factor_roles))
    row.sso_counts_as_second_factor = sso_counts_as_second_factor
    row.sso_domains = sorted({domain.lower() for domain in sso_domains})
    row.session_idle_minutes, row.session_hours = session_idle_minutes, session_hours
    after = policy_part(row)
    check_unchanged(expected, before, after)
    changed = {
        name: {"from": before[name], "to": after[name]} for name in FIELDS if before[name] != after[name]
    }
    if changed:
        row.save(update_fields=FIELDS)
        journal.record(
            organization=row,
            actor=by,
            action="organization.sign_in_policy_changed",
            target=row,
            details=changed,
        )
    return row
