"""Text that people wrote, cleaned before it is stored, and names of people in the timeline."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tenants.errors import invalid
from tenants.models import Person

MAX_FILTERS = 2000


def names_by_id(people: Iterable[UUID | None]) -> dict[UUID, str]:
    """Person id -> how the timeline calls them."""
    wanted = {pk for pk in people if pk is not None}
    return {who.pk: display_name(who) for who in Person.objects.filter(pk__in=wanted)} if wanted else {}


def owner_name(names: dict[UUID, str], pk: UUID | None) -> str:
    """The name of an owner who may be nobody."""
    return "nobody" if pk is None else names.get(pk, str(pk))


def display_name(who: Person) -> str:
    """A person in a line of the timeline."""
    return who.name or who.email


def clean_text(field: str, given: str, most: int, *, required: bool = False) -> str:
    """What somebody wrote, as it can be kept; InvalidInput when it is too long, or empty but required."""
    cleaned = given.replace("\x00", "\ufffd").replace("\r\n", "\n").strip()
    if required and not cleaned:
        raise invalid(field, "Write something first.", code="empty")
    if len(cleaned) > most:
        raise invalid(field, f"This has {len(cleaned)} characters; at most {most} are kept.", code="too_long")
    return cleaned


def clean_filters(given: str) -> str:
    """The filters that chose the findings, as they can be kept: they come from an address, however long."""
    cleaned = given.replace("\x00", "\ufffd")
    return cleaned if len(cleaned) <= MAX_FILTERS else f"{cleaned[: MAX_FILTERS - 1]}…"
