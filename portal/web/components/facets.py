"""Build facets: links with counts that filter a list. Every choice is part of the URL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from portal.web.components.vocabulary import VOCABULARIES, Mark


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet. Opening `url` adds the value to the filter or, if it is chosen, removes it.

    `is_default` is True for a chosen value that cannot be removed, because it applies if the URL names no value.
    """

    label: str
    count: int | None
    """The number of matching rows; None if the number is not known yet."""
    url: str
    active: bool
    mark: Mark | None = None
    value: str = ""
    """The value of the option in the URL. It is part of the HTML id of the option, so that the keyboard focus stays on
    the option when the page replaces the facet to show its counts.
    """
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """The filter options of one property."""

    title: str
    name: str
    options: list[Option] = field(default_factory=list)
    open: bool = True
    waiting: int = 0
    """The number of lines to reserve for options whose counts arrive after the page."""

    @property
    def lines(self) -> range:
        """Return one entry for each empty line that the page reserves for options whose counts are loaded later."""
        return range(max(0, self.waiting - len(self.options)))


def toggled(query: QueryDict, name: str, value: str) -> str:
    """Return the URL after adding ``name=value`` or, if the URL already has this parameter, after removing it.

    The parameters ``page`` and ``open`` are dropped. So the new list starts at its first page, with no expanded group.
    """
    changed = query.copy()
    changed.pop("page", None)
    changed.pop("open", None)
    values = changed.getlist(name)
    changed.setlist(name, [v for v in values if v != value] if value in values else [*values, value])
    if not changed.getlist(name):
        changed.pop(name, None)
    return f"?{changed.urlencode()}"


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
    """Return the filter of a list for one property, with its options and their counts.

    ``folded`` says whether the facet is closed until somebody opens it or chooses an option. A chosen value is always
    an option. The other options depend on these arguments:

    - ``kind``: the name of a vocabulary, which has the order, labels and icons of the options
    - ``order``: the keys of the options in their order, for options without a vocabulary
    - ``first`` and ``most``: without ``kind`` and ``order``, the options are the keys in ``first`` that have a count,
      and then the ``most`` keys with the largest counts
    - ``waiting``: the approximate number of options whose counts are loaded later; until then, the facet has only
      chosen options
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
        options.append(Option(label, count, toggled(query, name, key), key in chosen, found, key))
    return Facet(title, name, options, not folded or bool(chosen), waiting)
