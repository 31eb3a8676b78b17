"""Judge all test cases, and record which properties of documents are read, by controls or to look up names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from unittest.mock import patch

import assessments.evaluate as evaluation
from assessments.display.collected_names import collected_names, directory_object
from assessments.estate.collection import Source
from assessments.estate.collections import ALL, REQUESTED
from assessments.estate.estate import UnitKind
from tests.assessments.controls.cases import all_cases
from tests.assessments.controls.judging import scoped
from tests.assessments.controls.recorded import Recorded, inner, recorded
from tests.assessments.official.estates import Docs, controls_of, official, official_estate

# These properties are not compared with Azure's definitions, because the code that stores evidence or looks up names
# reads them in every document. In Azure Resource Manager, every document has them.
COMMON = {
    Source.ARM: frozenset({"id", "name", "type", "properties"}),
    Source.GRAPH: frozenset({"name", "type"}),
}
NAMES_ONLY = frozenset({"directory_objects", "directory_role_definitions", "service_principals"})
# An id that no document has, so that every document is searched for names.
NOBODY = frozenset({"00000000-0000-0000-0000-000000000000"})


@cache
def read_properties() -> Mapping[str, frozenset[str]]:
    """Return {collection: the paths of properties that are read}, with paths such as `properties.logs[].enabled`."""
    found: dict[str, set[str]] = {name: set() for name in REQUESTED}
    # Redaction and hashing read all properties of the evidence. Replace both functions, so that nothing is recorded for
    # them.
    with (
        patch.object(evaluation, "redact", lambda content, person=False: content),
        patch.object(evaluation, "digest", lambda content: ""),
    ):
        _judge_all(found)
    return {
        name: frozenset(path for path in paths if path not in COMMON[ALL[name].source])
        for name, paths in found.items()
    }


def _judge_all(found: dict[str, set[str]]) -> None:
    for case in all_cases():
        docs = _recorded(scoped(case.docs))
        case.judge(docs)
        _add(docs, found)
    for kind in UnitKind:
        docs = _recorded(official(kind))
        controls = controls_of(kind)
        estate = official_estate(kind, docs, controls)
        for _ in evaluation.evaluate(estate, controls):
            pass
        collected_names(estate, NOBODY)
        for name, scopes in docs.items():
            if name in NAMES_ONLY:
                for body in (body for held in scopes.values() for body in held):
                    directory_object(body)
            if (keep := ALL[name].keep) is not None:
                for body in (body for held in scopes.values() for body in held):
                    keep(estate, body)
        _add(docs, found)


def _recorded(docs: Mapping[str, Mapping[str, Any]]) -> Docs:
    return {
        name: {scope: [recorded(body) for body in held] for scope, held in scopes.items()}
        for name, scopes in docs.items()
    }


def _add(docs: Docs, found: dict[str, set[str]]) -> None:
    for name in docs.keys() & found.keys():
        for held in docs[name].values():
            for body in held:
                _walk(body, "", found[name])


def _walk(node: Any, where: str, found: set[str]) -> None:
    if isinstance(node, Recorded):
        found |= {f"{where}{name}" for name in node.reads}
        for name in dict.keys(node):
            _walk(inner(node, name), f"{where}{name}.", found)
    elif isinstance(node, list):
        for item in node:
            _walk(item, f"{where.removesuffix('.')}[].", found)
