"""References of a control to the numbered requirements of frameworks.

A reference is `full` if the control checks everything that the requirement asks for. A reference is `partly` if the
control leaves out a part (`Partly`), or if no control can check everything (`Number.missing`, `NOT_AS_A_WHOLE`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from assessments.frameworks.framework import NAMES, NOT_AS_A_WHOLE, framework

# {framework: the fields of `References` that contain numbers of this framework}. Numbers in the field `mcsb` exist in
# both versions of MCSB. Numbers in the field `mcsb2` are numbers of v2.
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "cis-2.0.0": ("c2",),
        "cis-3.0.0": ("c3",),
        "cis-4.0.0": ("c4",),
        "cis-5.0.0": ("c5",),
        "cis-6.0.0": ("c6",),
        "mcsb-1": ("mcsb",),
        "mcsb-2-preview": ("mcsb", "mcsb2"),
        "nist-800-53-r5": ("nist",),
    }
)
_OWN_MAPPING: Final = "*"


class Degree(StrEnum):
    """How much of a requirement a control checks."""

    FULL = "full"
    PARTLY = "partly"


@dataclass(frozen=True, slots=True)
class Setting:
    """A condition on the value of a parameter. The value must equal `equal` or, if `equal` is None, lie between
    `minimum` and `maximum` (inclusive). A limit that is None does not apply.
    """

    parameter: str
    equal: Any = None
    minimum: float | None = None
    maximum: float | None = None

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Return whether the value of the parameter meets the condition."""
        value = values[self.parameter]
        if self.equal is not None:
            return bool(value == self.equal)
        return (self.minimum is None or value >= self.minimum) and (
            self.maximum is None or value <= self.maximum
        )


@dataclass(frozen=True, slots=True)
class Partly:
    """The part of some requirements that a control does not check, as a sentence without a full stop.

    `numbers` names these requirements, in entries that are separated by spaces. The name of a field of `References`,
    such as `c2`, stands for all numbers in the field; `c2:4.1.2` stands for a single number. If `unless` has conditions
    and all of them are met, the control checks this part too.
    """

    numbers: str
    missing: str
    unless: tuple[Setting, ...] = ()

    def concerns(self, field: str, number: str) -> bool:
        """Return whether the sentence is about the requirement with this number."""
        return bool({field, f"{field}:{number}"} & set(self.numbers.split()))


@dataclass(frozen=True, slots=True)
class Reference:
    """A requirement that a control checks. `missing` has sentences that say which part of the requirement the control
    does not check. `missing` is empty if the degree is full.
    """

    framework: str
    number: str
    is_own_mapping: bool
    missing: tuple[str, ...]

    @property
    def degree(self) -> Degree:
        """The degree: full if `missing` is empty, otherwise partly."""
        return Degree.PARTLY if self.missing else Degree.FULL

    @property
    def name(self) -> str:
        """The name of the framework version."""
        return NAMES[self.framework]

    @property
    def label(self) -> str:
        """The number, with `*` for a mapping that Surety itself made."""
        return self.number + (_OWN_MAPPING if self.is_own_mapping else "")


@dataclass(frozen=True, slots=True)
class References:
    """Framework numbers, separated by spaces; a trailing `*` marks a mapping that Surety itself made.

    - `c2` to `c6`: CIS Azure Foundations 2.0 to 6.0
    - `mcsb`: Microsoft cloud security benchmark, both v1 and v2 (preview)
    - `mcsb2`: only v2 (preview) of this benchmark. If a number is in `mcsb` and in `mcsb2`, the entry in `mcsb2` counts
      for v2. For example, if only the mapping in v1 is Surety's own, the number has a `*` in `mcsb` and no `*` in
      `mcsb2`.
    - `nist`: SP 800-53 r5
    - `partly`: sentences on the parts that the control does not check, each with the numbers that it is about
    """

    c2: str = ""
    c3: str = ""
    c4: str = ""
    c5: str = ""
    c6: str = ""
    mcsb: str = ""
    mcsb2: str = ""
    nist: str = ""
    partly: tuple[Partly, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError if `partly` has a sentence on a number that the control does not refer to."""
        known = {
            name
            for field in NUMBER_FIELDS
            for number in split_numbers(getattr(self, field))
            for name in (field, f"{field}:{number.rstrip(_OWN_MAPPING)}")
        }
        for entry in self.partly:
            if unknown := set(entry.numbers.split()) - known:
                raise ValueError(
                    f"`partly` names {', '.join(sorted(unknown))}, which `references` does not contain"
                )

    def by_framework(self) -> dict[str, list[str]]:
        """Return {framework name: numbers} of the frameworks to which the control refers, with `*` at own mappings."""
        found: dict[str, list[str]] = {}
        for _, key, number in self._declared():
            found.setdefault(NAMES[key], []).append(number)
        return found

    def resolved(self, values: Mapping[str, Any]) -> list[Reference]:
        """Return the references with their degree; `values` are the values of the control's parameters."""
        applies = tuple(
            not (entry.unless and all(setting.holds(values) for setting in entry.unless))
            for entry in self.partly
        )
        return list(_resolved(self, applies))

    def _declared(self) -> Iterator[tuple[str, str, str]]:
        for key, fields in _FIELDS.items():
            # If two fields (`mcsb` and `mcsb2`) contain the same number, the entry in the later field counts, because
            # the later field is about a single framework version.
            declared = {
                number.rstrip(_OWN_MAPPING): (field, number)
                for field in fields
                for number in split_numbers(getattr(self, field))
            }
            for field, number in declared.values():
                yield field, key, number

    def _missing(self, field: str, key: str, number: str, applies: tuple[bool, ...]) -> Iterator[str]:
        for entry, is_missing in zip(self.partly, applies, strict=True):
            if is_missing and entry.concerns(field, number):
                yield entry.missing
        known = framework(key).numbers.get(number)
        if known is not None and (missing := known.missing or (framework(key).broad and NOT_AS_A_WHOLE)):
            yield missing


@lru_cache(maxsize=4096)
def _resolved(references: References, applies: tuple[bool, ...]) -> tuple[Reference, ...]:
    """Return the references with their degree; `applies` says which entries of `partly` apply.

    The result is cached: pages of frameworks resolve the whole catalogue, and the arguments are mostly the same.
    """
    return tuple(
        Reference(
            key,
            label.rstrip(_OWN_MAPPING),
            label.endswith(_OWN_MAPPING),
            tuple(references._missing(field, key, label.rstrip(_OWN_MAPPING), applies)),
        )
        for field, key, label in references._declared()
    )


NUMBER_FIELDS: Final = ("c2", "c3", "c4", "c5", "c6", "mcsb", "mcsb2", "nist")


def split_numbers(numbers: str) -> list[str]:
    """Return the numbers in a text that separates them with spaces. `AC-2(7)` is one number: enhancement 7 of the
    NIST control AC-2.
    """
    return re.findall(r"[A-Za-z0-9.\-]+(?:\(\d+\))?\*?", numbers)
