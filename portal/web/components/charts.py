"""Define the data of charts, which `portal.web.templatetags.charts` draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def score_role(score: float | None) -> str:
    """Return the colour role of a score in percent: good from 90, bad below 60."""
    if score is None:
        return "unknown"
    return "pass" if score >= 90 else "warn" if score >= 60 else "fail"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart, in the colour of `role`.

    `points` are pairs, oldest first: the horizontal position from 0 to 1, and the value, or None if it is missing.
    """

    label: str
    role: str
    points: Sequence[tuple[float, float | None]]
    dashed: bool = False

    @property
    def last(self) -> float | None:
        """The newest value that is not missing."""
        return next((value for _, value in reversed(self.points) if value is not None), None)

    @property
    def last_known(self) -> tuple[float, float] | None:
        """Return the position and value of the last known point if the line ends with missing values. If the line ends
        with a value, return None.
        """
        if not self.points or self.points[-1][1] is not None:
            return None
        return next(((at, value) for at, value in reversed(self.points) if value is not None), None)


@dataclass(frozen=True, slots=True)
class Bars:
    """Pairs of counts, oldest first. The first count of a pair is drawn upwards, the second count downwards."""

    up: str
    down: str
    pairs: Sequence[tuple[int, int]]
