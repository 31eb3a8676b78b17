"""Check many cheap cases in one test, because pytest's own work for a test takes longer than checking such a case."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

type Ids = Iterable[str] | Callable[[Any], Any] | None


def for_each(
    names: str | Sequence[str], cases: Iterable[Any], *, ids: Ids = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that checks all cases in one test. The arguments are those of `pytest.mark.parametrize`.

    The test fails with the errors of all cases that fail, and names these cases. Without any case it fails too.

    All cases share the test's fixtures, so use this decorator only if no case changes what a later case reads.
    """
    arguments = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    sets = [ParameterSet.extract_from(case, force_tuple=len(arguments) == 1) for case in cases]
    if any(one.marks for one in sets):
        raise ValueError("Cases of one test cannot have marks: parametrize the test instead.")
    labels = list(_labels(arguments, sets, ids))

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(check)
        def test(**fixtures: Any) -> None:
            assert sets, "There is no case to check."
            errors: dict[str, BaseException] = {}
            for one, label in zip(sets, labels, strict=True):
                try:
                    check(**fixtures, **dict(zip(arguments, one.values, strict=True)))
                except (Exception, pytest.fail.Exception) as error:
                    error.add_note(f"Case: {label}")
                    errors[label] = error
            if errors:
                summary = f"{len(errors)} of {len(sets)} cases failed: {', '.join(map(str, errors))}"
                raise BaseExceptionGroup(summary, list(errors.values()))

        # pytest passes a fixture for each parameter of this signature. `test` itself passes the values of each case.
        signature = inspect.signature(check)
        fixtures = [value for name, value in signature.parameters.items() if name not in arguments]
        test.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]
        return test

    return decorate


def _labels(arguments: Sequence[str], sets: Sequence[ParameterSet], ids: Ids) -> Iterator[str]:
    """Yield a unique name for each case: its id, or else its values, such as texts, numbers and names of classes."""
    listed = None if ids is None or callable(ids) else list(ids)
    seen: set[str] = set()
    for number, one in enumerate(sets):
        if one.id is not None:
            label = str(one.id)
        elif listed is not None:
            label = listed[number]
        else:
            named = zip(arguments, one.values, strict=True)
            label = "-".join(_label(name, value, number, ids) for name, value in named)
        yield label if label not in seen else f"{label} ({number})"
        seen.add(label)


def _label(argument: str, value: Any, number: int, ids: Any) -> str:
    if callable(ids) and (given := ids(value)) is not None:
        return str(given)
    if isinstance(value, str | int | float | bytes | None):
        return str(value)
    return getattr(value, "__name__", f"{argument}{number}")
