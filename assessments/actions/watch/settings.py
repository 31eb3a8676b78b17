"""Set whether a customer is watched between assessments, and the organization's default."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from assessments.models import Schedule
from tenants import journal
from tenants.actors import Actor
from tenants.models import Organization, Tenant

WORDS: Final = {None: "default", True: "on", False: "off"}
"""The text of each choice in the journal, commands, pages and configuration files."""
VALUES: Final = {word: choice for choice, word in WORDS.items()}


@transaction.atomic
def set_watch(*, tenant: Tenant, by: Actor, wanted: bool | None) -> Schedule:
    """Switch the watch of a customer on or off. With None, the customer follows the organization's default."""
    row, _ = Schedule.objects.select_for_update().get_or_create(tenant=tenant)
    before, row.watch = row.watch, wanted
    if before != wanted:
        row.save(update_fields=["watch"])
        journal.record(
            tenant=tenant,
            actor=by,
            action="watch.changed",
            target=f"schedule:{row.pk}",
            details={"from": WORDS[before], "to": WORDS[wanted]},
        )
    return row


@transaction.atomic
def set_default_watch(*, organization: Organization, by: Actor, wanted: bool) -> Organization:
    """Switch the watch on or off for customers that have no setting of their own."""
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before, row.watch_by_default = row.watch_by_default, wanted
    if before != wanted:
        row.save(update_fields=["watch_by_default"])
        journal.record(
            organization=row,
            actor=by,
            action="organization.default_watch_changed",
            target=row,
            details={"from": WORDS[before], "to": WORDS[wanted]},
        )
    return row
