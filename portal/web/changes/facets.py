"""The facets of the changes."""

from __future__ import annotations

from django.http import QueryDict

from portal.queries.changes.filters import APPROVED, KINDS, PERIODS, STATES, ChangeSearch
from portal.web.components.facets import Facet, Option, facet
from portal.web.shared.resource_types import spelled, type_label


def facets(
    search: ChangeSearch, query: QueryDict, places: dict[str, str], actors: dict[str, str]
) -> list[Facet]:
    """Return the facets with their counts. `places` maps ids of subscriptions and directories to names, `actors` maps
    ids of actors to labels.
    """
    counts = search.facet_counts()
    types = {key: type_label(spelled(key)) for key in {*counts["type"], *query.getlist("type")}}
    return [
        Facet("Found", "days", [_period(key, label, search, query) for key, label in PERIODS.items()]),
        facet("Review", "state", counts["state"], query, order=STATES, labels=STATES),
        facet("Severity", "severity", counts["severity"], query, kind="severity"),
        facet("Rule", "rule", counts["rule"], query),
        facet("Approved configuration", "approved", counts["approved"], query, labels=APPROVED),
        facet("Actor", "actor", counts["actor"], query, labels=actors),
        facet("Change", "kind", counts["kind"], query, order=KINDS, labels=KINDS),
        facet("Type", "type", counts["type"], query, labels=types),
        facet("Subscription", "place", counts["place"], query, labels=places, folded=True),
        facet("Resource group", "group", counts["group"], query, folded=True),
        facet("Property", "property", counts["property"], query, folded=True),
        facet("Operation", "operation", counts["operation"], query, folded=True),
    ]


def _period(key: str, label: str, search: ChangeSearch, query: QueryDict) -> Option:
    """Return a period as an option. The link of the chosen period leads back to the default period."""
    is_chosen, is_default = search.chosen.period == key, search.chosen.default_period == key
    changed = query.copy()
    changed.pop("page", None)
    changed.pop("days", None)
    if not is_chosen and not is_default:
        changed["days"] = key
    return Option(label, None, f"?{changed.urlencode()}", is_chosen, is_default=is_chosen and is_default)
