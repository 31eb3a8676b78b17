"""One notice to an owner about findings of theirs, however many they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from assessments.models import Finding
from portal import links
from portal.notify.publish import Event, publish
from portal.treatment.due_dates import due_at
from portal.treatment.naming import finding_label
from tenants.actors import Actor
from tenants.models import Person, Tenant

MAX_LISTED: Final = 10


@dataclass(frozen=True, slots=True)
class Titles:
    """The title of a kind of notice: of one finding and of many, to its owner and to all."""

    one: str
    many: str
    one_to_all: str
    many_to_all: str


TITLES: Final = {
    "assigned": Titles(
        one="{finding} is yours now",
        many="{count} findings are yours now",
        one_to_all="{finding} was given to {owner}",
        many_to_all="{count} findings were given to {owner}",
    ),
    "reopened": Titles(
        one="{finding} fails again",
        many="{count} findings that you own fail again",
        one_to_all="{finding} fails again",
        many_to_all="{count} findings of {owner} fail again",
    ),
    "overdue": Titles(
        one="{finding} is overdue",
        many="{count} findings that you own are overdue",
        one_to_all="{finding} is overdue",
        many_to_all="{count} findings of {owner} are overdue",
    ),
}


def title(kind: str, rows: Sequence[Finding], count: int) -> str:
    """What the owner reads first."""
    words = TITLES[kind]
    return (words.one if count == 1 else words.many).format(finding=finding_label(rows[0]), count=count)


def lines(kind: str, tenant: Tenant, rows: Sequence[Finding], count: int) -> tuple[str, ...]:
    """The first of `count` findings, each with what is to be said of it, and how many more there are."""
    if count == 1:  # the title has named it
        return tuple(filter(None, [_line(kind, tenant, rows[0])]))
    found = [f"{finding_label(row)}: {_line(kind, tenant, row)}" for row in rows[:MAX_LISTED]]
    if count > len(found):
        found.append(f"and {count - len(found)} more")
    return tuple(found)


def path(tenant: Tenant, rows: Sequence[Finding], count: int) -> str:
    """To the finding, or to the page of what is one's own."""
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
    """Tell of `findings` (ids), naming the first of them (`rows`, at least one); 1 if the notice is new.

    Channels are led to the owner's findings where they are several.
    """
    count = len(findings)
    one = rows[0] if count == 1 else None
    words = TITLES[kind]
    to_all = (words.one_to_all if one else words.many_to_all).format(
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
            finding=one,
            findings=() if one else tuple(findings),
            data={"owner": owner.email, "count": count},
            title_to_all=to_all,
            path_to_all="" if one else links.findings(tenant.slug, owner=owner.pk),
        ),
        subscribers=[owner],
        by=by,
    )


def _line(kind: str, tenant: Tenant, row: Finding) -> str:
    if kind != "overdue":
        return row.reason
    due = due_at(tenant, row)
    return f"due since {due.date().isoformat()}" if due else ""
