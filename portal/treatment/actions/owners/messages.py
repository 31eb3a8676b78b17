"""Write notices to owners. An owner gets one notice of an event, even if the event concerns many findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from assessments.display.names import Names
from assessments.display.sentences import sentence
from assessments.models import Finding
from assessments.presentation.finding_fixes import directory_of, fix_of, scope_of
from assessments.presentation.finding_names import place_names
from portal import links
from portal.notify.publish import Event, publish
from portal.treatment.due_dates import due_at
from portal.treatment.naming import finding_label, label_with, names_for_storing
from tenants.actors import Actor
from tenants.models import Person, Tenant

MAX_LISTED: Final = 10


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles of one kind of notice, for one finding and for many. `one` and `many` are for the owner. The others
    are for channels.
    """

    one: str
    many: str
    one_for_all: str
    many_for_all: str


TITLES: Final = {
    "assigned": Titles(
        one="Assigned to you: {finding}",
        many="{count} findings were assigned to you",
        one_for_all="Assigned to {owner}: {finding}",
        many_for_all="{count} findings were assigned to {owner}",
    ),
    "reopened": Titles(
        one="Fails again: {finding}",
        many="{count} findings you own fail again",
        one_for_all="Fails again: {finding}",
        many_for_all="{count} findings owned by {owner} fail again",
    ),
    "overdue": Titles(
        one="Overdue: {finding}",
        many="{count} findings you own are overdue",
        one_for_all="Overdue: {finding}",
        many_for_all="{count} findings owned by {owner} are overdue",
    ),
}


def title(kind: str, rows: Sequence[Finding], count: int) -> str:
    """Return the title of the notice to the owner."""
    titles = TITLES[kind]
    return (titles.one if count == 1 else titles.many).format(finding=finding_label(rows[0]), count=count)


def lines(kind: str, tenant: Tenant, rows: Sequence[Finding], count: int) -> tuple[str, ...]:
    """Return a line for each of the first findings (`rows`), and a line with the number of the other findings.

    `count` is the number of all findings. If there is only one finding and it fails, a further line says where in the
    Azure portal the finding can be fixed.
    """
    if count == 1:  # the title already names the finding
        names = names_for_storing(tenant, rows[:1])
        return tuple(filter(None, [_line(kind, tenant, rows[0], names), _fix(tenant, rows[0])]))
    names = names_for_storing(tenant, rows[:MAX_LISTED])
    listed = [f"{label_with(row, names)}: {_line(kind, tenant, row, names)}" for row in rows[:MAX_LISTED]]
    if count > len(listed):
        listed.append(f"and {count - len(listed)} more")
    return tuple(listed)


def path(tenant: Tenant, rows: Sequence[Finding], count: int) -> str:
    """Return the path of the finding. If there are several findings, return the path of the list of the owner's
    findings.
    """
    return links.finding(tenant.slug, rows[0].pk) if count == 1 else links.my_findings()


def notify_owner(
    *,
    tenant: Tenant,
    owner: Person,
    rows: Sequence[Finding],
    findings: Sequence[UUID],
    kind: str,
    key: str,
    by: Actor | None = None,
) -> int:
    """Publish one notice about the findings. Return the number of new notices and channel posts.

    `findings` are the ids of all findings. `rows` are the first findings, at least one. If there are several findings,
    posts to channels link to the list of the owner's findings.
    """
    count = len(findings)
    single = rows[0] if count == 1 else None
    titles = TITLES[kind]
    title_for_all = (titles.one_for_all if single else titles.many_for_all).format(
        finding=finding_label(rows[0]), count=count, owner=owner
    )
    return publish(
        tenant=tenant,
        event=Event(
            kind=kind,
            key=f"{key}:{owner.pk}",
            title=title(kind, rows, count),
            lines=lines(kind, tenant, rows, count),
            path=path(tenant, rows, count),
            finding=single,
            findings=() if single else tuple(findings),
            data={"owner": owner.email, "count": count},
            title_to_all=title_for_all,
            path_to_all="" if single else links.findings(tenant.slug, owner=owner.pk),
        ),
        subscribers=[owner],
        by=by,
    )


def _line(kind: str, tenant: Tenant, row: Finding, names: Names) -> str:
    if kind != "overdue":
        return str(sentence(row.reason, names))
    due = due_at(tenant, row)
    return f"Due since {due.date().isoformat()}" if due else ""


def _fix(tenant: Tenant, row: Finding) -> str:
    if row.outcome != Finding.Outcome.FAIL:
        return ""
    fix = fix_of(row, directory_of(tenant, row.subject), place_names(tenant, [scope_of(row.subject)]))
    if fix is None or not fix.portal:
        return ""
    commands = ". The commands are on the page of the finding" if fix.commands else ""
    return f"How to fix it: {fix.portal}{commands}."
