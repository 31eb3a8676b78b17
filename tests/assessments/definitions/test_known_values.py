"""Controls know every value that Azure's Python libraries list for a property, or OTHERS says why they do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any
from unittest.mock import patch

import pytest

from assessments.estate.compared_definitions import compared
from assessments.estate.view import View
from tests.assessments.controls.cases import all_cases
from tests.assessments.definitions import library_models
from tests.assessments.definitions.installed_libraries import INSTALLED

# {(collection, property): (values that no control knows, why)}
OTHERS: Mapping[tuple[str, str], tuple[frozenset[str], str]] = {
    (name, "sku.name"): (
        frozenset({"service"}),
        "Microsoft does not document what this SKU forwards to an interface without a security group",
    )
    for name in ("load_balancers", "foreign_load_balancers")
}


def known_values() -> Mapping[tuple[str, str], set[str]]:
    """Return {(collection, property): the values that controls know}, recorded by judging all test cases."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)

    def recording(read: Callable[..., Any]) -> Callable[..., Any]:
        def choice(view: View, path: str, known: Collection[str], *default: Any, **more: Any) -> Any:
            found[view.collection, view._join(path)] |= {value.casefold() for value in known}
            return read(view, path, known, *default, **more)

        return choice

    with (
        patch.object(View, "choice", recording(View.choice)),
        patch.object(View, "choices", recording(View.choices)),
    ):
        for case in all_cases():
            case.judge()
    return found


@pytest.mark.slow(seconds=20)
def test_every_value_of_the_models_is_known() -> None:
    missing: dict[tuple[str, str], frozenset[str]] = {}
    compared_values = 0
    for (name, path), known in known_values().items():
        if name not in INSTALLED:
            continue
        listed = library_models.values(library_models.load(compared()[name].definition), path)
        compared_values += len(listed)
        if unknown := listed - known:
            missing[name, path] = unknown
    assert compared_values > 100
    assert missing == {key: values for key, (values, _) in OTHERS.items()}
