"""Verify chains and their anchors, for `manage.py verify_journal` and the journal's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db.models import QuerySet

from portal.audit import heads
from portal.audit.models import Anchor, StreamCursor
from portal.reports.signatures import time_stamps
from tenants import journal
from tenants.journal import Owner
from tenants.models import Organization, OrganizationJournalEntry, Tenant
from tenants.scope import current

REGISTERED: Final = {"tenant": "tenant.registered", "organization": "organization.registered"}


@dataclass(frozen=True, slots=True)
class Verified:
    """The result for one chain: its entries, its head, and all problems in words."""

    owner: Owner
    entries: int
    head: journal.Head
    problems: tuple[str, ...]
    anchors: int
    stamps: int


def anchors_of(owner: Owner) -> QuerySet[Anchor]:
    """Return the anchors of a chain, the newest first. Needs a scope that contains the chain."""
    if isinstance(owner, Tenant):
        rows = Anchor.objects.filter(tenant=owner)
    else:
        rows = Anchor.objects.filter(organization=owner, tenant__isnull=True)
    return rows.select_related("organization", "tenant").order_by("-sequence")


def verify_chain(owner: Owner, expected: Sequence[journal.Head] = ()) -> Verified:
    """Recompute all hashes of a chain. Compare the chain with its anchors, with the heads in `expected`, and with other
    tables.

    The other tables show that the customer or organization was registered, which entries were streamed, and which
    erasures took place.
    """
    anchors = list(anchors_of(owner))
    anchored = {anchor.sequence: anchor.hash for anchor in anchors}
    wanted = {number: [known] for number, known in anchored.items()}
    for head in expected:
        wanted.setdefault(head.sequence, []).append(head.hash)
    problems: list[str] = []
    last, entries = journal.START, 0
    for last, wrong in journal.follow(owner):
        entries += 1
        problems += [one.message for one in wrong]
        for known in wanted.pop(last.sequence, []):
            if known != last.hash:
                other = "its anchor" if anchored.get(last.sequence) == known else "the given head"
                problems.append(f"The hash of entry {last.sequence} differs from the hash in {other}.")
    for number in sorted(wanted):
        known_from = "its anchor" if number in anchored else "the given head"
        problems.append(f"Entry {number} is missing, although {known_from} refers to it.")
    problems += _missing_facts(owner, last)
    problems += _unregistered_redactions(owner)
    stamps = 0
    for anchor in anchors:
        if anchor.token is None:
            continue
        stamps += 1
        if reason := time_stamps.problem(bytes(anchor.token), heads.digest(anchor)):
            problems.append(f"The time stamp of entry {anchor.sequence} is not accepted: {reason}")
    return Verified(owner, entries, last, tuple(problems), len(anchors), stamps)


def _missing_facts(owner: Owner, last: journal.Head) -> list[str]:
    """Return a problem for each entry that is missing although other tables show that it was written."""
    kind = "tenant" if isinstance(owner, Tenant) else "organization"
    if last.sequence == 0:
        return ["The journal is empty, although every journal starts with an entry about a registration."]
    problems = []
    first = journal.entries(owner).filter(sequence=1).values_list("action", flat=True).first()
    if first is not None and first != REGISTERED[kind]:
        problems.append(f"Entry 1 has the action {first}, but must have the action {REGISTERED[kind]}.")
    rows = StreamCursor.objects.filter(
        **({"tenant": owner} if isinstance(owner, Tenant) else {"organization": owner, "tenant": None})
    )
    streamed = rows.values_list("sequence", flat=True).first() or 0
    if streamed > last.sequence:
        problems.append(
            f"Entry {streamed} was sent to the receiver of the stream, but is missing from the journal."
        )
    if not isinstance(owner, Tenant):
        problems += _unrecorded_customers(owner)
    return problems


def _unregistered_redactions(owner: Owner) -> list[str]:
    """Return a problem for each entry that records redactions, unless the erasure that caused them is confirmed in the
    register of erasures.

    The register is visible only in a scope with the whole organization. In other scopes, this cannot be checked, so
    return an empty list.
    """
    organization_id = owner.organization_id if isinstance(owner, Tenant) else owner.pk
    if organization_id not in current().organization_ids:
        return []
    # `portal.audit` may not import `portal.offboarding` (app label `leaving`), because both packages are on the same
    # layer. So get the model by its name.
    erasures: Any = apps.get_model("leaving", "Erasure").objects
    confirmed = erasures.filter(organization=organization_id, state__in=("running", "done"))
    known = {str(pk) for pk in confirmed.values_list("pk", flat=True)}
    rows = journal.entries(owner).filter(action=journal.REDACTED).order_by("sequence")
    return [
        f"Entry {row.sequence} says that other entries were redacted, but the register of erasures contains no"
        " erasure that explains this."
        for row in rows
        if journal.listed_entries(row.details) is not None and row.details["reason"] not in known
    ]


def _unrecorded_customers(organization: Organization) -> list[str]:
    """Return a problem for each customer whose registration is missing from the organization's journal."""
    entries = OrganizationJournalEntry.objects.filter(organization=organization, action=REGISTERED["tenant"])
    targets = {target.split(" ", 1)[0] for target in entries.values_list("target", flat=True)}
    tenants = Tenant.objects.filter(organization=organization).order_by("pk")
    return [
        f"The journal of the organization has no entry about the registration of {tenant.name}."
        for tenant in tenants
        if f"tenant:{tenant.pk}" not in targets
    ]
