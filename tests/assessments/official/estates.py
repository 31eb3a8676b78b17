"""Microsoft's example bodies as the estate of one subscription or one directory, and its verdicts."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any

from assessments.controls.declare import Control
from assessments.controls.registry import catalogue
from assessments.estate.estate import UnitKind
from assessments.evaluate import evaluate
from tests.assessments.controls.judging import DIRECTORY, NOW, SUB, estate_of, scoped
from tests.assessments.official import bodies

Docs = dict[str, dict[str, list[Any]]]

_GUID = re.compile(r"([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BODIES = {UnitKind.SUBSCRIPTION: bodies.SUBSCRIPTION, UnitKind.DIRECTORY: bodies.DIRECTORY}


def official(kind: UnitKind) -> Docs:
    """Return a copy of all bodies of a kind of unit, by collection and scope."""
    return copy.deepcopy(scoped(BODIES[kind]))


def controls_of(kind: UnitKind) -> list[Control]:
    """Return the controls that judge a kind of unit."""
    return [control for control in catalogue().values() if control.unit is kind]


def verdicts(kind: UnitKind, docs: Docs, controls: Sequence[Control]) -> Iterator[tuple[str, str, str]]:
    """Yield (control, name of the subject, outcome). The unit is `unit`, a GUID its first part."""
    needs = [collection for control in controls for collection in (*control.needs, *control.optional)]
    estate = estate_of(kind, docs, (), needs, NOW)
    for result in evaluate(estate, controls):
        own = result.subject in (SUB, DIRECTORY)
        name = "unit" if own else _GUID.sub(r"\1", result.subject.rpartition("/")[2])
        yield result.control.slug, name, str(result.verdict.outcome)
