"""Framework versions with their requirements (“numbers”), read from `data/` when they are first used."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

# Use `importlib.resources.files`, not a path: in the program `surety-verify`, these files are inside a ZIP file.
_DATA: Final = files(__package__) / "data"

# {key: name}, in the order in which pages list frameworks. The key is also the name of the data file.
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cis-6.0.0": "CIS Azure 6.0.0",
        "cis-5.0.0": "CIS Azure 5.0.0",
        "cis-4.0.0": "CIS Azure 4.0.0",
        "cis-3.0.0": "CIS Azure 3.0.0",
        "cis-2.0.0": "CIS Azure 2.0.0",
        "mcsb-1": "MCSB v1",
        "mcsb-2-preview": "MCSB v2 preview",
        "nist-800-53-r5": "NIST 800-53 r5",
    }
)
NOT_AS_A_WHOLE: Final = (
    "The controls check settings of some Azure resource types only; the requirement covers more"
)
_NO_AUTOMATED_CONTROL: Final = "No control checks this requirement yet"
_NO_MANUAL_CONTROL: Final = "A person must judge this requirement, and no control asks for an answer yet"


class UnknownFramework(LookupError):
    """No framework version has the requested key."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a framework. `key` is the beginning of all numbers of this part: `AC` of `AC-2`."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Number:
    """A requirement of a framework version.

    - `level`: the level, profile or baseline of the requirement, or empty
    - `automated`: None if the publisher does not say how the requirement is assessed
    - `missing`: the part of the requirement that no control checks, because the configuration of Azure does not show
      it; if this text is empty and the framework is `broad`, NOT_AS_A_WHOLE replaces it
    - `reason`: why no control refers to the requirement: the requirement's own reason in `data/`, or else the reason of
      its section, or else a general reason
    """

    number: str
    title: str
    section: Section
    level: str
    automated: bool | None
    missing: str
    reason: str

    @property
    def assessment(self) -> str:
        """“Automated” or “Manual”, as the publisher states it. The string is empty if the publisher states neither."""
        if self.automated is None:
            return ""
        return "Automated" if self.automated else "Manual"


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework version.

    - `numbers`: its requirements
    - `published`: how many requirements the publisher lists. If `published_level` is not empty, only requirements of
      this level are counted. Requirements of other levels are then in `numbers` only if a control refers to them.
    - `broad`: whether the requirements are about an organization as a whole, so that no control covers a requirement
      completely
    """

    key: str
    name: str
    title: str
    source: str
    published: int
    published_level: str
    broad: bool
    sections: Mapping[str, Section]
    numbers: Mapping[str, Number]

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels of the numbers, in alphabetical order."""
        return tuple(sorted({number.level for number in self.numbers.values() if number.level}))


@cache
def framework(key: str) -> Framework:
    """Return the framework version. Raise UnknownFramework for an unknown key."""
    if key not in NAMES:
        raise UnknownFramework(f"there is no framework {key!r}; use one of {', '.join(NAMES)}")
    facts = tomllib.loads((_DATA / f"{key}.toml").read_text(encoding="utf-8"))
    sections = {prefix: Section(prefix, row["title"]) for prefix, row in facts["sections"].items()}
    numbers = {number: _number(number, row, sections, facts) for number, row in facts["numbers"].items()}
    return Framework(
        key=key,
        name=facts["name"],
        title=facts["title"],
        source=facts["source"],
        published=facts["published"],
        published_level=facts.get("published_level", ""),
        broad=facts.get("broad", False),
        sections=MappingProxyType(sections),
        numbers=MappingProxyType(dict(sorted(numbers.items(), key=lambda item: number_key(item[0])))),
    )


def number_key(number: str) -> list[tuple[int, str]]:
    """Return a sort key that puts `9.2` before `9.10` and `AC-2` before `AC-17`."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", number) if part
    ]


def _number(
    number: str, row: Mapping[str, Any], sections: Mapping[str, Section], facts: Mapping[str, Any]
) -> Number:
    prefix = max((key for key in sections if _is_below(number, key)), key=len)
    automated = row.get("automated")
    reason = row.get("reason") or facts["sections"][prefix].get("reason")
    return Number(
        number=number,
        title=row["title"],
        section=sections[prefix],
        level=row.get("level", ""),
        automated=automated,
        missing=row.get("missing", ""),
        reason=reason or (_NO_MANUAL_CONTROL if automated is False else _NO_AUTOMATED_CONTROL),
    )


def _is_below(number: str, prefix: str) -> bool:
    return number.startswith((f"{prefix}.", f"{prefix}-"))
