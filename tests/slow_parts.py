"""The option `--slow-part=2/4`, which runs the fast tests and one of several parts of the slow ones.

Continuous integration (`.ci/run`) uses the option, so that a run stays below 25 minutes. Files are not divided, because
the tests of a file share what they have set up. All xdist workers collect the same tests, so they choose the same part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

OPTION = "--slow-part"
# How many seconds a file with slow tests takes, unless the markers of its tests say otherwise.
SLOW_SECONDS = 10


def add_option(parser: pytest.Parser) -> None:
    """Add the option to pytest."""
    parser.addoption(
        OPTION,
        metavar="NUMBER/PARTS",
        type=chosen_part,
        help="besides the fast tests, run one of several parts of the slow ones, such as 2/4",
    )


def chosen_part(text: str) -> tuple[int, int]:
    """Return (number of the part, from 1; number of parts). Raise UsageError for any other text."""
    number, _, parts = text.partition("/")
    if not (number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts)):
        raise pytest.UsageError(f"{OPTION}={text}: give the number of a part and of all parts, such as 2/4.")
    return int(number), int(parts)


def is_slow(item: pytest.Item) -> bool:
    """Return whether the test is slow: `make test` leaves it out, and `make test-slow` runs it."""
    markers = list(item.iter_markers("slow"))
    return item.get_closest_marker("e2e") is not None or (
        bool(markers) and not any(marker.kwargs.get("always") for marker in markers)
    )


def seconds_of(items: Iterable[pytest.Item]) -> dict[Path, int]:
    """Return {file: seconds that its slow tests take, as their markers say}. A marker of several tests counts once."""
    found: dict[Path, dict[int, int]] = {}
    for item in filter(is_slow, items):
        markers = found.setdefault(item.path, {})
        for marker in item.iter_markers("slow"):
            markers[id(marker)] = marker.kwargs.get("seconds", SLOW_SECONDS)
    return {path: sum(markers.values()) or SLOW_SECONDS for path, markers in found.items()}


def parts_of(seconds: Mapping[Path, int], parts: int) -> dict[Path, int]:
    """Return {file: number of its part, from 1}. All parts take about the same time."""
    taken = dict.fromkeys(range(1, parts + 1), 0)
    found = {}
    for path in sorted(seconds, key=lambda path: (-seconds[path], path)):
        found[path] = min(taken, key=lambda number: (taken[number], number))
        taken[found[path]] += seconds[path]
    return found


def choose(config: pytest.Config, items: list[pytest.Item]) -> None:
    """If the option is given, deselect the slow tests of all parts except the chosen one."""
    if not (chosen := config.getoption(OPTION)):
        return
    number, parts = chosen
    part_of = parts_of(seconds_of(items), parts)
    others = [item for item in items if is_slow(item) and part_of[item.path] != number]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if not is_slow(item) or part_of[item.path] == number]
