"""Who can be mentioned in a comment, for the list that is offered while one writes."""

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
    """The people whom `who` may be offered, at most eight: by name, those whose name or address begins so first.

    All of them see the finding, which is what a mention needs. Who may choose among the tenant's members
    (`knows_members`) is offered all of those; anybody else only people whom the finding's own timeline names, so
    that an owner learns of nobody by typing an @.
    """
    people = [person for person in people_who_see(finding) if person.pk != who.pk]
    if not knows_members:
        named = _people_in_timeline(finding)
        people = [person for person in people if person.pk in named]
    wanted = typed.casefold()
    found = [person for person in people if wanted in _words(person)]
    return sorted(found, key=lambda person: (not _begins(person, wanted), _words(person)))[:MAX_SUGGESTIONS]


def _people_in_timeline(finding: Finding) -> set[object]:
    """Who has done or said something about the finding."""
    did = TreatmentEvent.objects.filter(finding=finding, by__isnull=False).order_by()
    said = Comment.objects.filter(finding=finding).order_by()
    return {
        *did.values_list("by_id", flat=True).distinct(),
        *said.values_list("author_id", flat=True).distinct(),
    }


def _words(person: Person) -> str:
    return f"{person.get_full_name()} {person.email}".casefold()


def _begins(person: Person, wanted: str) -> bool:
    return any(word.startswith(wanted) for word in _words(person).split())
