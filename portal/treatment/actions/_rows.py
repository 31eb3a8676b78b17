"""Reading and writing treatments of many findings at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from assessments.models import Finding
from portal.treatment.bulk import Same, insert
from portal.treatment.models import Treatment
from tenants.errors import invalid
from tenants.models import Person, Tenant

MAX_FILTERS = 2000
OWNER_FIELDS = ("owner", "owner_source", "owner_rule", "owned_at")
ACKNOWLEDGED_FIELDS = (
    "acknowledged_by",
    "acknowledged_at",
    "acknowledged_failing_since",
    "plan",
    "planned_for",
)


def those(tenant: Tenant, findings: QuerySet[Finding]) -> QuerySet[Finding]:
    """The findings as a plain query that can be filtered on, whatever the given one joins, sorts or cuts."""
    return Finding.objects.filter(tenant=tenant, pk__in=findings.values("pk"))


def upsert(tenant: Tenant, rows: Sequence[tuple[Any, ...]], fields: Sequence[str]) -> None:
    """Write these columns, with a treatment for each finding that has none yet.

    A row is the finding's id and the values of `fields` in their order: ids for other objects.
    """
    if not rows:
        return
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    given = dict(zip(("finding", *fields), columns, strict=True))
    insert(Treatment, {"tenant": Same(tenant), **given}, unique="finding", update=fields)


def names_of(people: Iterable[UUID | None]) -> dict[UUID, str]:
    """Person id -> how the timeline calls them."""
    wanted = {pk for pk in people if pk is not None}
    return {who.pk: called(who) for who in Person.objects.filter(pk__in=wanted)} if wanted else {}


def name_of(names: dict[UUID, str], pk: UUID | None) -> str:
    """The name of an owner who may be nobody."""
    return "nobody" if pk is None else names.get(pk, str(pk))


def called(who: Person) -> str:
    """A person in a line of the timeline."""
    return who.name or who.email


def text_of(field: str, given: str, most: int, *, required: bool = False) -> str:
    """What somebody wrote, as it can be kept; InvalidInput when it is too long, or empty but required."""
    cleaned = given.replace("\x00", "\ufffd").replace("\r\n", "\n").strip()
    if required and not cleaned:
        raise invalid(field, "Write something first.", code="empty")
    if len(cleaned) > most:
        raise invalid(field, f"This has {len(cleaned)} characters; at most {most} are kept.", code="too_long")
    return cleaned


def filters_of(given: str) -> str:
    """The filters that chose the findings, as they can be kept: they come from an address, however long."""
    cleaned = given.replace("\x00", "\ufffd")
    return cleaned if len(cleaned) <= MAX_FILTERS else f"{cleaned[: MAX_FILTERS - 1]}…"


def reference(instance: Model | None) -> str | None:
    """An id for the journal or an undo."""
    return str(instance.pk) if instance is not None else None
