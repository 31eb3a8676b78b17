"""The checks of Prowler, definitions of Azure Policy and recommendations of Defender for Cloud that correspond to a
control. All of them are called checks here, and are read from `data/`.

A control corresponds to a check if the control covers at least what the check covers. The data of a check can have
these keys: `differs` says in which cases the control and the check can come to different verdicts. `reason` says why no
control corresponds to the check. `only` selects the subjects that the check judges, if the control also judges others.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from assessments.controls.registry import catalogue
from assessments.estate.ids import fold

_DATA: Final = files(__package__) / "data"
# The keys of the products, in the order in which pages show the products. `data/` has one file for each key.
PRODUCTS: Final = ("prowler", "azure-policy", "defender-for-cloud")
NO_CONTROL: Final = "No control checks this yet"


@dataclass(frozen=True, slots=True)
class Check:
    """A check of another product.

    `id` is the product's own id of the check, `title` is the check's title (empty if the id says enough), and `url` is
    the page of the check. `controls` are slugs of the catalogue. `announced` are slugs that the data file names, but
    that the catalogue does not contain.

    The check judges only subjects that meet all of these conditions (upper and lower case count as equal):

    - The id of the subject contains `only_subject`.
    - For each (name, text) in `only_observed`, the observed value with this name contains the text.
    - The property `kind` of the resource in Azure begins with `only_kind`.
    """

    product: str
    id: str
    title: str
    url: str
    controls: tuple[str, ...]
    announced: tuple[str, ...]
    differs: str
    reason: str
    only_subject: str = ""
    only_observed: tuple[tuple[str, str], ...] = ()
    only_kind: str = ""

    def judges(self, subject: str, observed: object, kind: str = "") -> bool:
        """Return whether the check judges this subject. `observed` has the values that a corresponding control observed
        in a finding for the subject. `kind` is the property `kind` of the resource, empty if unknown.
        """
        values = observed if isinstance(observed, Mapping) else {}
        return (
            fold(self.only_subject) in fold(subject)
            and all(fold(text) in fold(str(values.get(name, ""))) for name, text in self.only_observed)
            and fold(kind).startswith(fold(self.only_kind))
        )

    @property
    def missing(self) -> str:
        """The reason why no control corresponds to this check. The reason is empty if a control corresponds to the
        check.
        """
        return "" if self.controls else self.reason or NO_CONTROL


@dataclass(frozen=True, slots=True)
class Product:
    """Another product with its checks, {id: Check}. `is_complete` is True if every check of the product is listed."""

    key: str
    name: str
    source: str
    is_complete: bool
    checks: Mapping[str, Check]


@cache
def product(key: str) -> Product:
    """Return the product with this key of PRODUCTS. Raise LookupError for another key."""
    if key not in PRODUCTS:
        raise LookupError(f"there is no product {key!r}; use one of {', '.join(PRODUCTS)}")
    facts = tomllib.loads((_DATA / f"{key}.toml").read_text(encoding="utf-8"))
    checks = {name: _check(facts, name, row) for name, row in facts["checks"].items()}
    if "published" in facts and facts["published"] != len(checks):
        raise ValueError(
            f"{key}.toml lists {len(checks)} checks, but `published` is {facts['published']}. Correct one of them."
        )
    return Product(
        key=key,
        name=facts["name"],
        source=facts["source"],
        is_complete="published" in facts,
        checks=MappingProxyType(checks),
    )


def _check(facts: Mapping[str, Any], name: str, row: Mapping[str, Any]) -> Check:
    named = row.get("controls", [])
    return Check(
        product=facts["name"],
        id=name,
        title=row.get("title", ""),
        url=facts["address"].format(id=name),
        controls=tuple(slug for slug in named if slug in catalogue()),
        announced=tuple(slug for slug in named if slug not in catalogue()),
        differs=row.get("differs", ""),
        reason=row.get("reason", ""),
        only_subject=row.get("only", {}).get("subject", ""),
        only_observed=tuple(row.get("only", {}).get("observed", {}).items()),
        only_kind=row.get("only", {}).get("kind", ""),
    )


@cache
def _by_control() -> Mapping[str, tuple[Check, ...]]:
    found: dict[str, list[Check]] = defaultdict(list)
    for key in PRODUCTS:
        for check in product(key).checks.values():
            for slug in check.controls:
                found[slug].append(check)
    return MappingProxyType({slug: tuple(checks) for slug, checks in found.items()})


def equivalents(slug: str) -> tuple[Check, ...]:
    """Return the checks of other products to which this control corresponds, ordered by product and id."""
    return _by_control().get(slug, ())


def searchable(slug: str) -> str:
    """Return ids and titles of the control's equivalents, for a search by words."""
    return " ".join(f"{check.id} {check.title}" for check in equivalents(slug))
