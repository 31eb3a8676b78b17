"""Documents with wrong types or unknown values, very many copies of a document, and checks of verdicts on them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from assessments.estate.collection import Source
from assessments.estate.collections import ALL
from assessments.evaluate import Result
from tests.assessments.controls.judging import SUB

# Properties whose values are free text or ids.
NAMES = frozenset({"id", "name", "displayName", "principalId", "description"})
# Controls that fail if nobody has entered a security contact.
NEED_CONTACT = frozenset(
    f"defender-contact-{what}" for what in ("email", "phone", "owner", "alert-severity", "attack-path")
)


def new_failures(before: Mapping[str, Result], after: Mapping[str, Result]) -> set[str]:
    """The subjects that fail, and did not fail before."""
    failed = {
        state: {subject for subject, result in results.items() if result.verdict.outcome == "fail"}
        for state, results in (("before", before), ("after", after))
    }
    return failed["after"] - failed["before"]


def check_sentences(results: Mapping[str, Result]) -> None:
    for subject, result in results.items():
        if result.verdict.outcome == "unknown":
            reason = result.verdict.reason
            # Instead of a capital letter, a reason may begin with a number or a name such as `publicNetworkAccess`.
            assert not reason.split()[0].islower(), (subject, reason)
            assert len(reason.split()) > 2, (subject, reason)


def spoiled(bodies: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield (name, documents) twice for each wrong type. First, all values except id, name and type have this
    type; then only the value of `properties`. `test_mutation` covers absent properties.
    """
    for name, value in (("number", 7), ("text", "x"), ("list", [])):
        yield name, [{**body, **dict.fromkeys(value_names(body), value)} for body in bodies]
        yield (
            f"properties {name}",
            [{**body, "properties": value} if "properties" in body else body for body in bodies],
        )


def value_names(body: Mapping[str, Any]) -> list[str]:
    return [key for key in body if key not in ("id", "name", "type")]


def renamed(node: Any) -> Any:
    """Replace every text that looks like the value of an enumeration by a value that is in no enumeration."""
    if isinstance(node, dict):
        return {key: value if key in NAMES else renamed(value) for key, value in node.items()}
    if isinstance(node, list):
        return [renamed(value) for value in node]
    return "SomethingNew" if isinstance(node, str) and re.fullmatch(r"[A-Za-z]+", node) else node


MANY = 3_000
# The limit is the time of a quadratic search: 200 ns for each pair of `MANY` documents. A control with a linear search
# takes 0.1 s. On a slow machine, the limit grows (tests/processor_time.py).
MAX_SECONDS = 1.8


@cache
def copies_of(name: str) -> list[Any]:
    """Copies of a minimal document, each with an id of its own. All controls that read the collection share the
    copies.
    """
    if ALL[name].source is Source.GRAPH:
        return [{"id": f"00000000-0000-0000-0000-{number:012}"} for number in range(MANY)]
    kind = ALL[name].resource_type or "Contoso.Things/things"
    parent = f"{SUB}/resourceGroups/many/providers/{kind}"
    return [{"id": f"{parent}/many{number}", "name": f"many{number}"} for number in range(MANY)]
