"""Facets: filter links with counts, where every choice is part of the address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from portal.web.components.vocabulary import VOCABULARIES, Mark


@dataclass(frozen=True, slots=True)
class Option:
    label: str
    count: int | None
    """None: not counted yet."""
    url: str
    active: bool
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    title: str
    name: str
    options: list[Option] = field(default_factory=list)
    open: bool = True
    waiting: int = 0
    """For how many lines of options to keep the place: its counts are fetched after the page."""

    @property
    def lines(self) -> range:
        """What of the place is not taken by the options that are there."""
        return range(max(0, self.waiting - len(self.options)))


def toggled(query: QueryDict, name: str, value: str) -> str:
    """The address with ``name=value`` added, or taken away when it is there; always on the first page."""
    kept = query.copy()
    kept.pop("page", None)
    kept.pop("open", None)
    values = kept.getlist(name)
    kept.setlist(name, [v for v in values if v != value] if value in values else [*values, value])
    if not kept.getlist(name):
        kept.pop(name, None)
    return f"?{kept.urlencode()}"


def facet(
    title: str,
    name: str,
    counts: Mapping[str, int],
    query: QueryDict,
    *,
    kind: str = "",
    labels: Mapping[str, str] | None = None,
    order: Iterable[str] = (),
    most: int = 12,
    folded: bool = False,
    waiting: int = 0,
    first: Collection[str] = (),
) -> Facet:
    """Options of one property.

    ``kind`` names a vocabulary, whose order and marks are used; ``order`` is one without marks. Otherwise the
    largest counts come first, at most ``most`` of them, after those of ``first`` that have one. A value that is
    filtered by is always shown, with 0 when nothing matches any more. ``folded``: shut until it is opened or
    something of it is chosen.
    ``waiting``: the counts come later, of about so many options; until then there are those that are chosen.
    """
    chosen = query.getlist(name)
    keys: Iterable[str]
    if kind:
        keys = [key for key in VOCABULARIES[kind] if key in counts or key in chosen]
    elif order:
        keys = [key for key in order if counts.get(key) or key in chosen]
    else:
        largest = sorted(counts, key=lambda key: (-counts[key], (labels or {}).get(key, key)))[:most]
        before = [key for key in first if key in counts]
        before += [key for key in chosen if key not in [*largest, *before]]
        keys = [*before, *[key for key in largest if key not in before]]
    options = []
    for key in keys:
        found = VOCABULARIES[kind].get(key) if kind else None
        label = found.label if found else (labels or {}).get(key, key)
        count = counts.get(key, None if waiting else 0)
        options.append(Option(label, count, toggled(query, name, key), key in chosen, found))
    return Facet(title, name, options, not folded or bool(chosen), waiting)
