"""Disable accounts, and enable disabled accounts again. Nobody can sign in with a disabled account."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from portal.accounts.account_rights import limit_of
from portal.accounts.actions.api_tokens import revoke_all
from portal.accounts.actions.sessions import end_sessions
from portal.accounts.actions.tokens_to_replace import mail_tokens_to_replace
from tenants import journal
from tenants.actions.members import require_another_administrator
from tenants.errors import PermissionDenied
from tenants.models import Membership, Organization, Person
from tenants.people.pseudonymised import no_access_once_pseudonymised
from tenants.roles import Role
from tenants.scope import journal_scope


@transaction.atomic
def set_account_active(*, by: Person, organization: Organization, person: Person, active: bool) -> None:
    """Enable or disable an account.

    Disabling ends all sessions and revokes all tokens of the person. The roles remain, but give no access. The person
    may still know tokens and client secrets of service accounts. So administrators, and the people who are responsible
    for these service accounts, get a mail that lists the service accounts.

    Raise PermissionDenied if `account_rights` does not permit the change. Raise Conflict if the account to disable
    belongs to the last active administrator of the organization, or if the account to enable is being pseudonymised.
    """
    limit = limit_of(by, organization, person)
    if limit is not None:
        raise PermissionDenied(str(limit.label), code=limit.value)
    if not active and _is_administrator(organization, person):
        require_another_administrator(organization, person.pk)
    row = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if row.is_active == active:
        return
    row.is_active = active
    with no_access_once_pseudonymised(row):
        row.save(update_fields=["is_active"])
    # Changes of accounts are recorded in the organization's journal. `journal_scope` is needed, because the scope of an
    # administrator of a customer does not contain the organization.
    with journal_scope(organization.pk):
        journal.record(
            organization=organization,
            actor=by,
            action="account.enabled" if active else "account.disabled",
            target=row,
        )
    if not active:
        end_sessions(person=row, by=by)
        revoke_all(person=row, by=by)
        mail_tokens_to_replace(person=row, organization_id=organization.pk)


def _is_administrator(organization: Organization, person: Person) -> bool:
    return Membership.objects.filter(
        Membership.valid_at(timezone.now()),
        organization=organization,
        role=Role.ORGANIZATION_ADMINISTRATOR,
        person=person,
    ).exists()
