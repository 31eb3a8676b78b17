"""Judge many variants of an estate quickly: evaluate again only the controls that read something that the variant
changes.

A control is a pure function of the data that it reads. If a variant has the same answers in all collections that a
control reads, the control reaches the same verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assessments.controls.declare import Control
from assessments.estate.collections import ALL
from assessments.estate.estate import Answer, Estate
from assessments.estate.gaps import Gap
from assessments.estate.view import View
from assessments.evaluate import Result, evaluate


class RecordedEstate(Estate):
    """A copy of an estate that records in `reads` which collections were read or looked for."""

    def __init__(self, estate: Estate) -> None:
        self.__dict__.update(estate.__dict__)
        self._sorted, self._gaps, self._types = {}, {}, {}
        self.reads: set[str] = set()

    def answers(self, collection: str) -> list[Answer]:
        self.reads.add(collection)
        return super().answers(collection)

    def answer(self, collection: str, scope: str) -> Answer | None:
        self.reads.add(collection)
        return super().answer(collection, scope)

    def was_asked(self, collection: str) -> bool:
        self.reads.add(collection)
        return super().was_asked(collection)

    def documents(self, collection: str) -> list[View]:
        self.reads.add(collection)
        return super().documents(collection)

    def gaps_of(self, collection: str) -> list[Gap]:
        self.reads.add(collection)
        return super().gaps_of(collection)

    def gaps(self) -> list[Gap]:
        self.reads.update(ALL)
        return super().gaps()

    def collections(self) -> list[str]:
        self.reads.update(ALL)
        return super().collections()


class Judged:
    """The results of controls on an estate. `rejudge` returns their results on a variant of the estate."""

    def __init__(self, estate: Estate, controls: Sequence[Control]) -> None:
        self._estate = estate
        self._judged: list[tuple[Control, set[str], list[Result]]] = []
        for control in controls:
            recorded = RecordedEstate(estate)
            results = list(evaluate(recorded, [control]))
            self._judged.append((control, recorded.reads, results))

    def results(self) -> Iterator[Result]:
        for _, _, results in self._judged:
            yield from results

    def rejudge(self, estate: Estate) -> Iterator[Result]:
        """Yield the controls' results on a variant of the estate. The variant has the same unit and time."""
        changed = {name for name in ALL if self._content(self._estate, name) != self._content(estate, name)}
        for control, reads, results in self._judged:
            yield from evaluate(estate, [control]) if reads & changed else results

    @staticmethod
    def _content(estate: Estate, name: str) -> tuple[bool, list[object]]:
        """Return everything about a collection that a control can read from the estate."""
        answers = [
            (one.scope, one.gap, [(view.body, view.request_id, view.api_version) for view in one.documents])
            for one in estate.answers(name)
        ]
        return estate.was_asked(name), [answers]
