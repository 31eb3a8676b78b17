"""Request exceptions for the findings that the entries of a mute list match."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction

from portal.mute_lists.file import read_mute_list
from portal.mute_lists.plan import MuteListPlan, Planned, plan_mute_list
from portal.treatment.actions.exceptions import request_exception
from portal.treatment.actions.exceptions.request import MAX_TEXT, has_enough_words, valid_reason
from portal.treatment.locks import lock_treatments
from portal.treatment.models import FindingException
from portal.treatment.selectors.findings import visible_findings
from tenants import journal
from tenants.errors import Conflict, invalid
from tenants.models import Person, Tenant

MAX_REQUESTS: Final = 50
"""The maximum number of exceptions that one import can request. The number is low, because approvers get a notice of
each exception.
"""
MAX_FINDINGS: Final = 10_000
MAX_FILE_NAME: Final = 200
MAX_REASON: Final = 1_500
Scope = FindingException.Scope


@transaction.atomic
def request_muted(
    *,
    tenant: Tenant,
    by: Person,
    content: bytes,
    file_name: str,
    chosen: Collection[int],
    ends_at: datetime,
    reason: str,
    expected: str,
) -> list[FindingException]:
    """Request an exception for each chosen entry of a mute list. Return the exceptions.

    `chosen` are numbers of entries. `expected` is the digest of the plan that the person saw. The reason is the entry's
    description, or `reason` if the description has fewer than three words. Entries whose findings all have an exception
    or a request already, and entries without findings, are skipped.

    Raise UnusableFile for a file that cannot be read. Raise Conflict (changed_meanwhile) if the entries no longer match
    the same findings. Raise InvalidInput if a reason or the end is invalid, or if too many entries are chosen.
    """
    lock_treatments(tenant.pk)
    plan = plan_mute_list(tenant, read_mute_list(content))
    if plan.digest != expected:
        raise Conflict(
            "The findings have changed since the preview. Check the new preview, then request the exceptions again.",
            code="changed_meanwhile",
        )
    wanted = [one for one in plan.entries if one.entry.number in chosen and one.findings]
    _check(wanted)
    name = " ".join(file_name.replace("\x00", "").split())[-MAX_FILE_NAME:] or "mutelist.yaml"
    found = [
        request_exception(
            tenant=tenant,
            by=by,
            scope=Scope.FINDING if len(one.findings) == 1 else Scope.LIST,
            findings=visible_findings(tenant).filter(pk__in=one.findings),
            reason=_reason(one, reason, name),
            ends_at=ends_at,
        )
        for one in wanted
    ]
    journal.record(
        tenant=tenant,
        actor=by,
        action="exception.mute_list",
        target=f"tenant:{tenant.slug}",
        details={
            "file": name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "entries": len(plan.entries),
            "exceptions": [row.number for row in found],
        },
    )
    return found


def preview_mute_list(*, tenant: Tenant, content: bytes) -> MuteListPlan:
    """Return which findings a mute list matches now.

    Raise UnusableFile for a file that cannot be read, TooMuchWork if the comparison takes too many steps.
    """
    return plan_mute_list(tenant, read_mute_list(content))


def _check(wanted: Collection[Planned]) -> None:
    if not wanted:
        raise invalid("entries", "Select at least one entry that matches findings.", code="entries_missing")
    if len(wanted) > MAX_REQUESTS:
        raise invalid("entries", f"Select at most {MAX_REQUESTS} entries at once.", code="too_many_entries")
    for one in wanted:
        if len(one.findings) > MAX_FINDINGS:
            raise invalid(
                "entries",
                f"Entry {one.entry.number} ({one.entry.check}) matches {len(one.findings):,} findings, but an"
                f" exception covers at most {MAX_FINDINGS:,} findings. Name fewer resources in the file, or"
                " request an exception by rule.",
                code="too_many_findings",
            )


def _reason(planned: Planned, reason: str, file_name: str) -> str:
    entry = planned.entry
    text = entry.description
    if not has_enough_words(text):
        text = valid_reason("reason", reason)
        if len(text) > MAX_REASON:
            raise invalid("reason", f"Use at most {MAX_REASON:,} characters.")
    source = f"From Prowler’s mute list {file_name}: {entry.check} of account {entry.account}"
    return f"{text}\n\n{source}"[:MAX_TEXT]
