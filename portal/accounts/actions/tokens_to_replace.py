"""Send mails when a person loses access but may still know tokens and client secrets of service accounts.

These tokens and secrets stay valid, so that programs keep working. The recipients of the mails should replace them.
"""

from __future__ import annotations

from uuid import UUID

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.accounts.actions.service_accounts import possible_responsible
from portal.accounts.models import ApiToken, ClientSecret
from tenants.models import Membership, Organization, Person, ServiceAccount, ServiceAccountController
from tenants.roles import Role
from tenants.scope import journal_scope


@transaction.atomic
def mail_after_last_role(*, person_id: UUID, organization_id: UUID) -> None:
    """Send the mails of `mail_tokens_to_replace` if the person now has no valid role in the organization.

    If the account is disabled, no mails are sent: they were sent when the account was disabled.
    """
    person = Person.objects.get(pk=person_id)
    with journal_scope(organization_id):
        held = Membership.objects.filter(
            Membership.valid_at(timezone.now()), person=person, organization_id=organization_id
        )
        if person.is_active and not held.exists():
            mail_tokens_to_replace(person=person, organization_id=organization_id)


@transaction.atomic
def mail_tokens_to_replace(*, person: Person, organization_id: UUID) -> None:
    """Send mails that list the service accounts which the person controlled (`ServiceAccountController`) and which have
    usable tokens or client secrets.

    Administrators of the organization get a mail about all of these accounts. Other people who are responsible for some
    of these accounts get a mail about the accounts for which they are responsible. The person who loses access gets no
    mail.
    """
    now = timezone.now()
    with journal_scope(organization_id):
        controlled = ServiceAccountController.objects.filter(person=person).order_by().values("account")
        usable = {"organization": organization_id, "revoked_at__isnull": True, "expires_at__gt": now}
        with_tokens = ApiToken.objects.filter(**usable).order_by().values("person")
        with_secrets = ClientSecret.objects.filter(**usable).order_by().values("person")
        rows = ServiceAccount.objects.filter(
            organization=organization_id, person__in=controlled, disabled_at__isnull=True
        )
        rows = rows.filter(Q(person__in=with_tokens) | Q(person__in=with_secrets))
        accounts = list(rows.select_related("responsible").order_by("name", "pk"))
        if not accounts:
            return
        organization = Organization.objects.get(pk=organization_id)
        administrators = set(
            Membership.objects.filter(
                Membership.valid_at(now), organization=organization, role=Role.ORGANIZATION_ADMINISTRATOR
            ).values_list("person_id", flat=True)
        )
        for reader in possible_responsible(organization):
            own = [one for one in accounts if reader.pk in administrators or one.responsible_id == reader.pk]
            if own and reader.pk != person.pk:
                get_adapter().send_mail(
                    "account/email/service_tokens_to_replace",
                    reader.email,
                    {"user": reader, "leaver": person, "organization": organization, "accounts": own},
                )
