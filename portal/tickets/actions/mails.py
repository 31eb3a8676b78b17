"""Mail administrators when a ticket system is new or has changed, or tickets will be opened in other projects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from allauth.account.adapter import get_adapter
from django.utils import timezone

from portal.tickets.connectors import CONNECTORS
from portal.tickets.models import TicketSystem
from tenants.actors import Actor
from tenants.models import Membership, Person
from tenants.roles import Role

MAX_NAMED: Final = 20
"""The maximum number of customers that a mail names. The mail states how many other customers there are."""


def mail_new_destination(row: TicketSystem, by: Actor, changed: Sequence[str] = ()) -> None:
    """Mail all administrators of the organization, and `by`, that a ticket system is new or has changed.

    `changed` names in words what has changed, such as "the address". It is empty for a new system. The mail is a
    warning: with a stolen token, an attacker could connect a system to receive findings.
    """
    _mail(row, by, changed=changed)


def mail_new_projects(row: TicketSystem, by: Actor, moved: Sequence[tuple[str, str]]) -> None:
    """Mail all administrators of the organization, and `by`, that customers' tickets will be opened in other projects.

    `moved` are the names of the customers and their new projects.
    """
    _mail(row, by, moved=moved[:MAX_NAMED], others=len(moved[MAX_NAMED:]))


def _mail(row: TicketSystem, by: Actor, **more: object) -> None:
    now = timezone.now()
    held = Membership.objects.filter(
        Membership.valid_at(now), organization=row.organization_id, role=Role.ORGANIZATION_ADMINISTRATOR
    )
    administrators = Person.objects.filter(pk__in=held.order_by().values("person"), is_active=True)
    for reader in administrators.order_by("email"):
        get_adapter().send_mail(
            "account/email/ticket_system",
            reader.email,
            {
                "user": reader,
                "system": row,
                "kind": CONNECTORS[row.kind].label,
                "by": by if isinstance(by, Person) else None,
                "at": now,
                **more,
            },
        )
