"""Notify the administrators of an organization that a customer is erased, and tell them where to download the
certificate.

A stored notice must belong to a customer, but the erased customer no longer exists. So the page Notifications and the
mail get their text from the register of erasures. These texts do not name the customer, because mail cannot be deleted
after its delivery.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from portal import links, mail_headers
from portal.notify.delivery.smtp import send_to_each
from portal.notify.publish import one_line
from portal.offboarding.models import Erasure
from tenants.models import Membership, Organization, Person
from tenants.roles import Role
from tenants.scope import organization_scope

log = structlog.get_logger(__name__)


def unannounced(organization_id: UUID) -> QuerySet[Erasure]:
    """Return the finished erasures of customers about which the administrators have not been mailed yet. Needs the
    organization's scope.
    """
    rows = Erasure.objects.filter(organization=organization_id, kind=Erasure.Kind.CUSTOMER)
    return rows.filter(
        state=Erasure.State.DONE, announced_at=None, certificate_until__gt=timezone.now()
    ).defer("certificate")


def announce_done(*, organization_id: UUID, erasure_id: UUID) -> int:
    """Tell the administrators by mail that a customer has been erased. Return how many mails were accepted. Call
    without an open scope.

    Refused mails are logged. Raise the errors of `send_to_each`. The task then runs again, so a mail may arrive twice,
    with the same Message-ID.
    """
    with organization_scope(organization_id):
        rows = unannounced(organization_id).select_for_update(skip_locked=True, of=("self",))
        row = rows.select_related("requested_by", "confirmed_by").filter(pk=erasure_id).first()
        if row is None:
            return 0
        organization = Organization.objects.get(pk=organization_id)
        mails = {person: _mail(row, organization, person) for person in _administrators(organization)}

        def log_refusal(person: Person) -> None:
            log.warning("mail about an erasure refused", erasure=str(row.pk), person=str(person.pk))

        sent = send_to_each(mails, log_refusal)
        Erasure.objects.filter(pk=row.pk).update(announced_at=timezone.now())
        return sent


def _administrators(organization: Organization) -> QuerySet[Person]:
    held = Membership.objects.filter(
        Membership.valid_at(timezone.now()),
        organization=organization,
        tenant=None,
        role=Role.ORGANIZATION_ADMINISTRATOR,
        person=OuterRef("pk"),
    )
    return Person.objects.filter(Exists(held.order_by()), is_active=True).order_by("email")


def _mail(row: Erasure, organization: Organization, person: Person) -> EmailMessage:
    context = {
        "erasure": row,
        "organization": organization,
        "person": person,
        "until": f"{row.certificate_until:%Y-%m-%d}",
        "url": links.absolute(links.erasure(organization.slug, row.pk)),
    }
    return EmailMessage(
        subject=one_line(f"{organization.name}: a customer was erased")[:180],
        body=render_to_string("leaving/erased_mail.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[person.email],
        headers={
            "Message-ID": mail_headers.message_id(f"erased-{row.pk}-{person.pk}"),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
