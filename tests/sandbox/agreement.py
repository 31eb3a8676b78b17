"""Compare the verdicts that the generator expects with those that a control reaches on the same documents.

The control gets the documents without HTTP requests, so that even many seeds take little time.
`benchmarks.expected_verdicts` compares whole assessments.
"""

from __future__ import annotations

import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from assessments.estate.collections import ALL
from assessments.estate.ids import fold
from sandbox.arm.documents import shortened
from sandbox.estate import Document
from sandbox.generate.estate import Settings, generate
from sandbox.generate.output import Output
from sandbox.messages import dump
from sandbox.stores.arm import Store
from tests.assessments.controls.judging import SUB, TENANT, judge

Json = dict[str, Any]
_SUBSCRIPTION = SUB.rsplit("/", 1)[-1]


@dataclass
class Generated:
    """An estate of one subscription, with the id that `judge` uses. `expected` is {control: {subject: verdict}}."""

    documents: list[Json] = field(default_factory=list)
    graph: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    expected: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, kind: str) -> list[Json]:
        """Return the documents of an ARM type."""
        return [one for one in self.documents if fold(one.get("type", "")) == fold(kind)]

    def resources(self) -> list[Json]:
        """Return the resources as the sandbox lists them."""
        store = Store()
        for one in self.documents:
            store.add_document(Document(one["id"], dump(one), one))
        keys = store.resources.get(SUB, [])
        return [json.loads(shortened(store.documents[key], "")) for key in keys]

    def collected(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the documents of the collections, as `judge` takes them."""
        found: dict[str, Any] = {}
        for name in names:
            collection = ALL[name]
            if collection.resource_type:
                found[name] = self.of(collection.resource_type)
            elif "{scope}" in collection.path:
                before, _, after = collection.path.partition("{scope}")
                found[name] = {
                    path.removeprefix(before).removesuffix(after): values
                    for path, values in self.graph.items()
                    if path.startswith(before) and path.endswith(after)
                }
            else:
                found[name] = self.graph[collection.path]
        return found


def generated(seed: int, **settings: Any) -> Generated:
    """Generate an estate of one subscription."""
    estate, expected = io.StringIO(), io.StringIO()
    generate(
        Settings(**{"subscriptions": 1, "seed": seed, "directory": TENANT, **settings}),
        Output(estate, expected),
    )
    lines = estate.getvalue().splitlines()
    guid = next(row["subscriptionId"] for row in map(json.loads, lines) if "subscriptionId" in row)

    def rows(out: io.StringIO) -> Iterator[Json]:
        text = out.getvalue().replace(guid, _SUBSCRIPTION).replace(guid.upper(), _SUBSCRIPTION)
        yield from map(json.loads, text.splitlines())

    found = Generated()
    for row in rows(estate):
        if "id" in row:
            found.documents.append(row)
        elif "graph" in row:
            value = row["value"]
            found.graph[row["graph"]] += value if isinstance(value, list) else [value]
    for row in rows(expected):
        found.expected[row["control"]][row["subject"]] = row["verdict"]
    return found


def estates(seeds: Iterable[int], fail_rates: Iterable[float], **settings: Any) -> Iterator[Generated]:
    """Generate an estate for each combination of a seed and a `fail_rate` of the generator."""
    for rate in fail_rates:
        for seed in seeds:
            yield generated(seed, fail_rate=rate, **settings)


def agreed(estate: Generated, control: str, collections: Iterable[str] | Mapping[str, Any]) -> Counter[str]:
    """Assert that the control reaches each expected verdict. Return the number of each verdict.

    `collections`: names of collections, or documents as `judge` takes them.
    """
    docs = collections if isinstance(collections, Mapping) else estate.collected(collections)
    reached = {fold(subject): str(result.verdict.outcome) for subject, result in judge(control, docs).items()}
    expected = {fold(subject): verdict for subject, verdict in estate.expected[control].items()}
    assert {subject: reached.get(subject) for subject in expected} == expected, control
    return Counter(expected.values())
