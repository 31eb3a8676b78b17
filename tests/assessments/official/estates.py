"""Microsoft's example bodies as the estate of one subscription or one directory, and the verdicts on this estate."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from assessments.controls.declare import Control
from assessments.controls.registry import catalogue
from assessments.estate.collection import Collection
from assessments.estate.collections import ALL
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.gaps import Reason
from assessments.evaluate import evaluate
from tests.assessments import official as package
from tests.assessments.controls.judging import DIRECTORY, NOW, SUB, estate_of, gap, scoped
from tests.assessments.official import bodies

Docs = dict[str, dict[str, list[Any]]]

_GUID = re.compile(r"([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def example_modules() -> Iterator[ModuleType]:
    """Yield `bodies` and every `bodies_*` module of this package."""
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if re.fullmatch(r"bodies(_\w+)?", info.name.rpartition(".")[2]):
            yield importlib.import_module(info.name)


@cache
def module_of(collection: str) -> ModuleType:
    """Return the module with the example bodies of a collection. Raise LookupError if no module has one."""
    for module in example_modules():
        if any(collection in getattr(module, kind.name, {}) for kind in UnitKind):
            return module
    raise LookupError(
        f"No module has an example of {collection}: add it to tests/assessments/official/bodies_<topic>.py."
    )


def stated(constant: str) -> dict[str, Any]:
    """Return {collection: what a module with examples states about the collection in a constant such as
    `NOT_REQUESTED`}. For a constant that is a set, the value is True.
    """
    found: dict[str, Any] = {}
    for module in example_modules():
        held = getattr(module, constant, {})
        found |= held if isinstance(held, Mapping) else dict.fromkeys(held, True)
    return found


BODIES: dict[UnitKind, bodies.Bodies] = {
    kind: {
        name: held for module in example_modules() for name, held in getattr(module, kind.name, {}).items()
    }
    for kind in UnitKind
}
GAPS = [gap(name, scope, Reason.NOT_FOUND, 404) for name, scope in bodies.ABSENT]


def official(kind: UnitKind) -> Docs:
    """Return a copy of all example bodies of a kind of unit, by collection and scope, in the form that Surety would
    store.
    """
    found: Docs = pickle.loads(_pickled(kind))
    return found


@cache
def example_scopes(collection: str) -> tuple[str, ...]:
    """Return the scopes of the bodies of a collection."""
    return next(tuple(docs[collection]) for kind in UnitKind if collection in (docs := official(kind)))


@cache
def _pickled(kind: UnitKind) -> bytes:
    """Return the bodies pickled. Tests copy them thousands of times, and `copy.deepcopy` is ten times slower."""
    found = copy.deepcopy(scoped(BODIES[kind]))
    for name, scopes in list(found.items()):
        # Some lists are requested only if the inventory has a resource of the type. So add the resources of these lists
        # to the inventory.
        for scope, held in scopes.items() if ALL[name].only_if_listed else ():
            found["resources"].setdefault(scope, []).extend(
                {key: body[key] for key in ("id", "name", "type", "location", "tags") if key in body}
                for body in held
            )
    return pickle.dumps(
        {
            name: {scope: [_prepared(ALL[name], body) for body in held] for scope, held in scopes.items()}
            for name, scopes in found.items()
        }
    )


def _prepared(collection: Collection, body: Any) -> Any:
    return collection.prepare(body) if collection.prepare else body


@cache
def controls_of(kind: UnitKind) -> tuple[Control, ...]:
    """Return the controls that judge a kind of unit."""
    return tuple(control for control in catalogue().values() if control.unit is kind)


def official_estate(
    kind: UnitKind, docs: Docs, controls: Sequence[Control], unchanged: Estate | None = None
) -> Estate:
    """Return an estate with these documents. Collections that are not in `docs` get their answers from `unchanged`. The
    remaining collections of the controls count as read and empty.
    """
    needs = [collection for control in controls for collection in (*control.needs, *control.optional)]
    gaps = GAPS if kind is UnitKind.SUBSCRIPTION else ()
    return estate_of(kind, docs, gaps, needs, NOW, unchanged=unchanged)


@cache
def documents_of(kind: UnitKind) -> Estate:
    """Return an estate with only the example bodies of a kind of unit, for the argument `unchanged` of
    `official_estate`. The estate is cached, so do not change it.
    """
    return estate_of(kind, official(kind))


def variant(kind: UnitKind, changed: Docs) -> Estate:
    """Return an estate with the example bodies, for all controls. The documents in `changed` replace the example bodies
    of the same collections.
    """
    return official_estate(kind, changed, controls_of(kind), documents_of(kind))


def verdicts(
    kind: UnitKind, docs: Docs, controls: Sequence[Control], unchanged: Estate | None = None
) -> Iterator[tuple[str, str, str]]:
    """Yield (control, `short_name` of the subject, outcome)."""
    for result in evaluate(official_estate(kind, docs, controls, unchanged), controls):
        yield result.control.slug, short_name(result.subject), str(result.verdict.outcome)


def short_name(subject: str) -> str:
    """Return `unit` for the subscription or directory, otherwise the last part of the subject's id. Shorten a GUID to
    its first part.
    """
    return "unit" if subject in (SUB, DIRECTORY) else _GUID.sub(r"\1", subject.rpartition("/")[2])
