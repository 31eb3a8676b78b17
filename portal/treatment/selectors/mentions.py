"""Suggest people to mention while a comment is being written."""

from __future__ import annotations

from typing import Final

from assessments.models import Finding
from portal.treatment.models import Comment, TreatmentEvent
from portal.treatment.selectors.owners import people_who_see
from tenants.models import Person

MAX_SUGGESTIONS: Final = 8


def mentionable(
    finding: Finding, who: Person, *, typed: str = "", knows_members: bool = False
) -> list[Person]:
    """Suggest up to eight people whom `who` can mention and whose name or email address contains `typed`.

    People whose name or email address has a word that begins with `typed` come first. The other people follow. Both
    groups are sorted by name.

    Only people who can see the finding are suggested. If `knows_members` is False, only people who are named in the
    finding's timeline are suggested. So a person who sees only their own findings does not learn who else is a member.
    """
    people = [person for person in people_who_see(finding) if person.pk != who.pk]
    if not knows_members:
        visible = _people_in_timeline(finding)
        people = [person for person in people if person.pk in visible]
    wanted = typed.casefold()
    found = [person for person in people if wanted in _words(person)]
    return sorted(found, key=lambda person: (not _begins(person, wanted), _words(person)))[:MAX_SUGGESTIONS]


def _people_in_timeline(finding: Finding) -> set[object]:
    """Return the ids of people who acted or commented on the finding."""
    events = TreatmentEvent.objects.filter(finding=finding, by__isnull=False).order_by()
    comments = Comment.objects.filter(finding=finding).order_by()
    return {
        *events.values_list("by_id", flat=True).distinct(),
        *comments.values_list("author_id", flat=True).distinct(),
    }


def _words(person: Person) -> str:
    return f"{person.get_full_name()} {person.email}".casefold()


def _begins(person: Person, wanted: str) -> bool:
    return any(word.startswith(wanted) for word in _words(person).split())
