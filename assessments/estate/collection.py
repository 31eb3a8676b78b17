"""What can be collected: one declaration per kind of answer, whatever control wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assessments.estate.estate import Estate, UnitKind


class Source(StrEnum):
    """Which API answers."""

    ARM = "arm"
    GRAPH = "graph"


class Shape(StrEnum):
    """LIST: paged list at a scope. SINGLE: one document (a missing one is `no document`)."""

    LIST = "list"
    SINGLE = "single"


Targets = Callable[[Estate], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of answer of Azure.

    `path` holds `{scope}`, which is `/subscriptions/<guid>` (once per subscription of the unit) or,
    where `targets` is given, each id that it yields from what was collected before (`after`).
    Graph paths are without version; their scope is `` or, with targets, the target itself.
    `permission` is the ARM action or the Graph permission (alternatives separated by `|`) that
    suffices. `absent_is_none`: a 404 says that there is none. `query` are further parameters.
    `prepare` is applied to a document before it is kept: it takes off what no control ever reads where
    that is most of it, or gives the id that Graph leaves out. `keep` says of a document whether it is
    about the unit: the others of an answer that is about more than that are not kept. `shared`: other
    units of an assessment ask the very same, so that a recent answer may be given again.
    """

    name: str
    path: str
    permission: str
    title: str
    api_version: str = ""
    source: Source = Source.ARM
    shape: Shape = Shape.LIST
    unit: UnitKind = UnitKind.SUBSCRIPTION
    after: tuple[str, ...] = ()
    targets: Targets | None = field(default=None, compare=False)
    query: Mapping[str, str] = field(default_factory=dict, compare=False)
    absent_is_none: bool = False
    prepare: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = field(default=None, compare=False)
    shared: bool = False
    keep: Callable[[Estate, Mapping[str, Any]], bool] | None = field(default=None, compare=False)

    @property
    def provider(self) -> str:
        """The ARM resource provider (`Microsoft.Sql`), or ``."""
        if self.source is not Source.ARM:
            return ""
        return self.permission.split("/", 1)[0]
