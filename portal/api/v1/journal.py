"""The journal of a customer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from portal.api.listing import UUID, Filters, Listing, any_of, one_of, text
from portal.api.pages import Key
from portal.queries.journal.actions import KINDS, kind_of, label_of
from portal.queries.journal.actors import names_of, parse_actor
from portal.queries.journal.filters import JournalFilter
from portal.queries.parameters import Parameters
from tenants import journal
from tenants.errors import invalid
from tenants.models import JournalEntry, Tenant
from tenants.roles import Capability


class JournalEntrySerializer(serializers.Serializer[Any]):
    """An entry of the journal. `hash` covers the entry and `previous_hash`."""

    sequence = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = serializers.CharField(
        help_text="The name of the person who acted, or of the part of Surety that acted"
    )
    actor = serializers.CharField(help_text="The actor as recorded, for example `system:report worker`")
    action = serializers.CharField()
    label = serializers.CharField(help_text="The action in words")  # type: ignore[assignment]
    kind = serializers.ChoiceField(list(KINDS))
    target = serializers.CharField(allow_blank=True)
    details = serializers.JSONField()
    hash = serializers.CharField()
    previous_hash = serializers.CharField()


def _objects(tenant: Tenant, rows: Sequence[JournalEntry]) -> Iterable[dict[str, Any]]:
    names = names_of(row.actor for row in rows)
    for row in rows:
        yield {
            "sequence": row.sequence,
            "at": row.at,
            "by": parse_actor(row.actor, names).name,
            "actor": row.actor,
            "action": row.action,
            "label": label_of(row.action),
            "kind": kind_of(row.action),
            "target": row.target,
            "details": row.details,
            "hash": row.hash,
            "previous_hash": row.previous_hash,
        }


def _filtered(rows: QuerySet[JournalEntry], parameters: Parameters, tenant: Tenant) -> QuerySet[JournalEntry]:
    chosen = JournalFilter.parse(parameters)
    if chosen.problems:
        understood = {"of": chosen.about, "from": chosen.since, "to": chosen.until}
        ignored = [name for name, value in understood.items() if parameters.get(name) and not value]
        # The problem is a sentence for the page, which ignores an invalid filter. The API refuses an invalid filter, so
        # remove the end of the sentence.
        sentence = chosen.problems[0].replace(", so the filter was ignored", "")
        raise invalid(ignored[0] if ignored else "to", sentence)
    return chosen.apply(rows)


def _day(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.DATE, description=description)


JOURNAL: Final = Listing[JournalEntry](
    plural="journal",
    singular="journal-entry",
    needs=Capability.JOURNAL,
    serializer=JournalEntrySerializer,
    rows=lambda tenant: journal.entries(tenant).order_by(),
    objects=_objects,
    key=Key("sequence", descending=True),
    filters=Filters(
        (
            one_of("kind", KINDS, "Kind of action"),
            any_of(
                "by",
                "Who acted: the id of the person, or the field `actor` of an entry, such as `system:report worker`",
                f"^({UUID}|system:.+|.+ \\(person:{UUID}\\))$",
            ),
            text("q", "Words in the name of the target or of the actor"),
            text(
                "of", "The kind and id of the object that the entries are about, for example `finding:<id>`"
            ),
            _day("from", "The first day, in UTC"),
            _day("to", "The last day, in UTC"),
        ),
        _filtered,
    ),
    lookup="sequence",
    converter="int",
    description="The newest first.",
)
