"""Write organizations, tenants, access and credentials. All writes to them are in this package.

Every action takes keyword arguments only, is atomic, and writes its journal entry. `by` is a Person or a
`tenants.actors.System`. Call actions in an open scope (`tenants.scope`), after checking the capability with
`tenants.access`. Actions for memberships check the capability again. All other actions rely on the caller's check.
"""

from tenants.actions._archived import refuse_archived
from tenants.actions.acceptance import accept_invitation
from tenants.actions.archiving import archive_tenant, restore_tenant
from tenants.actions.confirmations import decide_membership
from tenants.actions.directories import add_directory
from tenants.actions.foreign_subscriptions import (
    Assignment,
    assign_foreign,
    exclude_foreign,
    undo_foreign_decision,
)
from tenants.actions.invitations import (
    invite,
    invite_to_customers,
    mailed_together,
    renew_token,
    withdraw_invitation,
)
from tenants.actions.members import change_review_period, change_role, grant_membership, revoke_membership
from tenants.actions.organizations import change_tenant, register_organization, register_tenant
from tenants.actions.registrations import (
    advance,
    choose_commands,
    finish_registration,
    start_registration,
)
from tenants.actions.service_principals import (
    add_service_principal,
    record_credential_check,
    record_refused_credential,
    remove_service_principal,
    rotate_credential,
    set_principal_enabled,
    validate_credential,
)
from tenants.actions.subscriptions import SubscriptionChanges, include_subscription, sync_subscriptions

__all__ = [
    "Assignment",
    "SubscriptionChanges",
    "accept_invitation",
    "add_directory",
    "add_service_principal",
    "advance",
    "archive_tenant",
    "assign_foreign",
    "change_review_period",
    "change_role",
    "change_tenant",
    "choose_commands",
    "decide_membership",
    "exclude_foreign",
    "finish_registration",
    "grant_membership",
    "include_subscription",
    "invite",
    "invite_to_customers",
    "mailed_together",
    "record_credential_check",
    "record_refused_credential",
    "refuse_archived",
    "register_organization",
    "register_tenant",
    "remove_service_principal",
    "renew_token",
    "restore_tenant",
    "revoke_membership",
    "rotate_credential",
    "set_principal_enabled",
    "start_registration",
    "sync_subscriptions",
    "undo_foreign_decision",
    "validate_credential",
    "withdraw_invitation",
]
