"""A line chart as SVG. The chart contains no text, because text in an SVG would be drawn with the fonts of the host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote

WIDTH: Final = 660
HEIGHT: Final = 130
# Percentages at which the chart has a horizontal line.
GRID: Final = (0, 25, 50, 75, 100)


class Line(NamedTuple):
    """A line. `points` are (place from 0 to 1, percentage), with None where the percentage is not known."""

    colour: str
    points: Sequence[tuple[float, float | None]]
    is_dashed: bool = False


def line_chart(lines: Sequence[Line]) -> str:
    """Return a data: URL of an SVG image of `WIDTH` x `HEIGHT`, from 0 % at the bottom to 100 % at the top."""
    grid = "".join(
        f'<path d="M0 {_y(value):.1f}H{WIDTH}" stroke="#e0e3e8" stroke-width="1" fill="none"/>'
        for value in GRID
    )
    drawn = "".join(shape for line in lines for shape in _shapes(line))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">{grid}{drawn}</svg>'
    )
    return f"data:image/svg+xml;utf8,{quote(svg)}"


def _shapes(line: Line) -> Iterator[str]:
    dash = ' stroke-dasharray="5 4"' if line.is_dashed else ""
    for run in _runs(line.points):
        places = [f"{place * WIDTH:.1f} {_y(value):.1f}" for place, value in run]
        if len(places) == 1:
            x, y = places[0].split()
            yield f'<circle cx="{x}" cy="{y}" r="2.5" fill="{line.colour}"/>'
        else:
            path = f"M{' L'.join(places)}"
            yield f'<path d="{path}" stroke="{line.colour}" stroke-width="2" fill="none"{dash}/>'


def _runs(points: Sequence[tuple[float, float | None]]) -> Iterator[list[tuple[float, float]]]:
    """Yield each series of consecutive points whose value is known."""
    run: list[tuple[float, float]] = []
    for place, value in points:
        if value is not None:
            run.append((place, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _y(value: float) -> float:
    """Return the vertical position of a percentage. A margin leaves space for the line at 0 % and 100 %."""
    return 2 + (HEIGHT - 4) * (100 - value) / 100
