"""All writes to organizations, tenants, access and credentials.

Every action takes keyword arguments only, is atomic, and writes its journal entry in the same transaction. `by` is
the actor: a Person or a `tenants.actors.System`. Call actions in an open scope. Callers check the person's capability
with `tenants.access`; the actions for memberships also check it themselves.
"""

from tenants.actions.confirmations import decide_membership
from tenants.actions.directories import add_directory
from tenants.actions.foreign_subscriptions import (
    Assignment,
    assign_foreign,
    exclude_foreign,
    undo_foreign_decision,
)
from tenants.actions.invitations import renew_token, withdraw_invitation
from tenants.actions.members import (
    accept_invitation,
    change_role,
    grant_membership,
    invite,
    revoke_membership,
)
from tenants.actions.organizations import change_tenant, register_organization, register_tenant
from tenants.actions.service_principals import (
    add_service_principal,
    record_credential_check,
    rotate_credential,
)
from tenants.actions.subscriptions import SubscriptionChanges, include_subscription, sync_subscriptions

__all__ = [
    "Assignment",
    "SubscriptionChanges",
    "accept_invitation",
    "add_directory",
    "add_service_principal",
    "assign_foreign",
    "change_role",
    "change_tenant",
    "decide_membership",
    "exclude_foreign",
    "grant_membership",
    "include_subscription",
    "invite",
    "record_credential_check",
    "register_organization",
    "register_tenant",
    "renew_token",
    "revoke_membership",
    "rotate_credential",
    "sync_subscriptions",
    "undo_foreign_decision",
    "withdraw_invitation",
]
