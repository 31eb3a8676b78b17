"""Clean texts that people have entered, before the texts are stored. Find the names of people for the timeline."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tenants.errors import invalid
from tenants.models import Person
from tenants.values.names import has_control_characters, require_letter_or_digit
from tenants.values.visible_text import is_blank

MAX_FILTERS = 2000
MAX_QUOTED = 300
# This text replaces the text of a deleted comment in the notices that quote the comment.
DELETED_COMMENT = "The comment was deleted."


def names_by_id(people: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return {id of a person: name as timelines of findings show it}."""
    wanted = {pk for pk in people if pk is not None}
    return {who.pk: display_name(who) for who in Person.objects.filter(pk__in=wanted)} if wanted else {}


def owner_name(names: dict[UUID, str], pk: UUID | None) -> str:
    """Return the name of an owner in the timeline, or “Unassigned” if there is no owner."""
    return "Unassigned" if pk is None else names.get(pk, str(pk))


def display_name(who: Person) -> str:
    """Return the name of a person in the timeline and in notifications."""
    return who.name or who.email


def clean_text(field: str, text: str, max_length: int, *, required: bool = False) -> str:
    """Clean a text for storage. Raises InvalidInput if the text is too long, or if a required text is empty."""
    cleaned = text.replace("\x00", "\ufffd").replace("\r\n", "\n").strip()
    if required and is_blank(cleaned):
        raise invalid(field, "Enter a text.", code="empty")
    if len(cleaned) > max_length:
        raise invalid(
            field,
            f"Use at most {max_length} characters. This text has {len(cleaned)} characters.",
            code="too_long",
        )
    return cleaned


def quoted_lines(body: str) -> tuple[str, ...]:
    """Return the lines of a comment as notices quote it. Only the first `MAX_QUOTED` characters are quoted."""
    return tuple((body if len(body) <= MAX_QUOTED else f"{body[:MAX_QUOTED]}…").splitlines())


def clean_title(name: str, max_length: int, *, present: str = "") -> str:
    """Return the name of a view, a rule or a baseline, in one line. `present` is the stored name, which is always
    accepted.

    Raises InvalidInput if the name is empty or too long, has no letter or digit, or has characters that hide or reorder
    text.
    """
    cleaned = " ".join(clean_text("name", name, max_length, required=not present or name != present).split())
    require_letter_or_digit(cleaned, present=present)
    if cleaned != present and has_control_characters(cleaned):
        raise invalid(
            "name",
            "The name contains an invisible control character. Type the name again.",
            code="name_control_character",
        )
    return cleaned


def clean_filters(query: str) -> str:
    """Clean the query string of the list from which findings were selected, and cut it to `MAX_FILTERS` characters."""
    cleaned = query.replace("\x00", "\ufffd")
    return cleaned if len(cleaned) <= MAX_FILTERS else f"{cleaned[: MAX_FILTERS - 1]}…"
