"""The mail with the link of an invitation."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.template.loader import render_to_string

from portal import links, mail_headers
from tenants.models import Invitation, Tenant


def send_invitation(invitation: Invitation, token: str, tenants: Sequence[Tenant] = ()) -> None:
    """Mail the invitation with a link that contains the token. `tenants` are the customers to which the person is
    invited.

    Raise OSError or smtplib.SMTPException if the mail server refuses the mail.
    """
    place = invitation.tenant.name if invitation.tenant else invitation.organization.name
    customers = [tenant.name for tenant in tenants]
    if len(customers) > 1:
        place = f"{len(customers)} customers of {invitation.organization.name}"
    context = {
        "invitation": invitation,
        "place": place,
        "customers": customers if len(customers) > 1 else [],
        "inviter": invitation.invited_by.get_full_name() if invitation.invited_by else "",
        "url": links.absolute(links.invitation(token)),
        "site": settings.SURETY_URL,
    }
    message = EmailMessage(
        subject=f"Invitation to Surety for {place}"[:180].replace("\n", " ").replace("\r", " "),
        body=render_to_string("members/invitation.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[invitation.email],
        headers={
            "Auto-Submitted": "auto-generated",
            **({mail_headers.CUSTOMER: ", ".join(str(tenant.pk) for tenant in tenants)} if tenants else {}),
        },
    )
    mailers["default"].send_messages([message])
