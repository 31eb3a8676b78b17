"""One notice to an owner about findings of theirs, however many they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from django.urls import reverse

from assessments.models import Finding
from portal.notify.emit import Happening, tell
from tenants.actors import Actor
from tenants.models import Person, Tenant

LISTED: Final = 10


def tell_owner(
    *,
    tenant: Tenant,
    owner: Person,
    rows: Sequence[Finding],
    count: int,
    kind: str,
    key: str,
    title: str,
    title_to_all: str,
    line: Callable[[Finding], str] = lambda row: row.reason,
    by: Actor | None = None,
) -> int:
    """Name the first of `count` findings (`rows`, at least one), each with its `line`; 1 if it is new.

    It leads to the finding, or to the page of what is one's own; for channels, to the owner's findings.
    """
    lines = [f"{row}: {line(row)}" for row in rows[:LISTED]]
    if count > len(lines):
        lines.append(f"and {count - len(lines)} more")
    one = rows[0] if count == 1 else None
    return tell(
        tenant=tenant,
        happening=Happening(
            kind=kind,
            key=f"{key}:{owner.pk}",
            title=title,
            lines=tuple(lines),
            path=reverse("finding", args=[tenant.slug, one.pk]) if one else reverse("my"),
            finding=one,
            data={"owner": owner.email, "count": count},
            title_to_all=title_to_all,
            path_to_all="" if one else reverse("findings", args=[tenant.slug]) + f"?owner={owner.pk}",
        ),
        people=[owner],
        by=by,
    )
