"""Refuse a person's change if the stored values are not the ones that the person saw.

The argument `expected` of an action has the values that the form showed, as flat JSON (`Part`). If the stored values
are neither these nor the entered values, the action changes nothing, and the page shows the stored and the entered
values (`portal.web.shared.stale_forms`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.db.models import Q

from tenants.errors import Conflict
from tenants.models import JournalEntry, Organization, OrganizationJournalEntry, Tenant

type Part = dict[str, Any]
"""{field: value}, with values that JSON can contain."""

CODE: Final = "changed_meanwhile"
"""The code of the error Conflict that an action raises if the stored values have changed."""
REMOVED: Final = "removed_meanwhile"
"""The code of the error Conflict that an action raises if the object was removed."""


class LastChange(NamedTuple):
    """The person and the time of the last change, and the details of its journal entry.

    The details are empty if they were not read from the journal.
    """

    who: str
    at: datetime
    details: Mapping[str, Any] = MappingProxyType({})


def check_unchanged(
    expected: Mapping[str, Any] | None, present: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Raise Conflict if the present values differ both from the values that the person saw (`expected`) and from the
    new values (`after`). If `expected` is None, check nothing.
    """
    if expected is not None and present not in (expected, after):
        raise Conflict(
            "Somebody else has changed these values in the meantime. Check the present values, then save again.",
            code=CODE,
        )


def last_change(owner: Tenant | Organization, actions: Collection[str], target: str) -> LastChange | None:
    """Return the last of these actions on an object with its person, time and details, according to the journal.

    `target` is the journal's name of the object, such as “channel:<id>”.
    """
    # In the journal, the name of the object can follow its id (`tenants.journal.target_of`).
    named = Q(target=target) | Q(target__startswith=f"{target} ")
    entry: JournalEntry | OrganizationJournalEntry | None
    if isinstance(owner, Tenant):
        rows = JournalEntry.objects.filter(named, tenant=owner, action__in=actions)
        entry = rows.order_by("-sequence").first()
    else:
        of_organization = OrganizationJournalEntry.objects.filter(
            named, organization=owner, action__in=actions
        )
        entry = of_organization.order_by("-sequence").first()
    return LastChange(actor_name(entry.actor), entry.at, entry.details) if entry else None


def actor_name(actor: str) -> str:
    """Return the actor of a journal entry, without the ending “(person:<id>)” that `tenants.actors.describe` adds."""
    return actor.partition(" (person:")[0]
