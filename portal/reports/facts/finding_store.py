"""The findings of a report in a temporary file, so that a report on very many findings needs little memory.

Findings are written control by control, and can be read as often as necessary.
"""

from __future__ import annotations

import pickle  # nosec B403 - see FindingList._read
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import batched, chain, groupby, islice
from operator import attrgetter, itemgetter
from tempfile import TemporaryFile
from typing import IO, Any, Final, NamedTuple, overload

from portal.reports.facts.presentation import OUTCOMES
from portal.reports.facts.shared import FindingFact

_BLOCK: Final = 500
# Findings are read in blocks. For each outcome of a control, the first block is small, because most parts show only the
# first few findings, for example of the passing ones.
_FIRST_BLOCK: Final = 25
_FIELDS: Final = tuple(field.name for field in fields(FindingFact))
_row_of: Final = attrgetter(*_FIELDS)
_counted: Final = itemgetter(*map(_FIELDS.index, ("control", "severity", "outcome", "shown")))


class FindingCount(NamedTuple):
    """The properties by which findings are counted. `shown` is the state after treatment."""

    control: str
    severity: str
    outcome: str
    shown: str


class _Block(NamedTuple):
    outcome: str
    number: int
    place: int
    size: int


class FindingList(Sequence[FindingFact]):
    """Findings in a temporary file. While the findings are read, only a part of them is in memory."""

    def __init__(self, file: IO[bytes], blocks: Sequence[_Block]) -> None:
        self._file, self._blocks = file, blocks

    def __len__(self) -> int:
        return sum(block.number for block in self._blocks)

    def __iter__(self) -> Iterator[FindingFact]:
        return chain.from_iterable(map(self._read, self._blocks))

    @overload
    def __getitem__(self, place: int) -> FindingFact: ...
    @overload
    def __getitem__(self, place: slice) -> list[FindingFact]: ...
    def __getitem__(self, place: int | slice) -> FindingFact | list[FindingFact]:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            return list(self)[place] if step < 0 else list(islice(self, start, stop, step))
        index = place + len(self) if place < 0 else place
        if index >= 0:
            for block in self._blocks:
                if index < block.number:
                    return self._read(block)[index]
                index -= block.number
        raise IndexError(f"There is no finding at position {place}.")

    def of_outcome(self, *outcomes: str) -> FindingList:
        """Return the findings with these outcomes, as a list that does not read the other findings from the file."""
        return FindingList(self._file, [block for block in self._blocks if block.outcome in outcomes])

    @property
    def outcomes(self) -> Counter[str]:
        """{outcome: number of findings}."""
        found: Counter[str] = Counter()
        for block in self._blocks:
            found[block.outcome] += block.number
        return found

    def columns(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Yield the values of these fields (at least two) of each finding.

        This takes half the time of reading whole findings.
        """
        chosen = itemgetter(*map(_FIELDS.index, names))
        return (chosen(row) for block in self._blocks for row in self._rows(block))

    def _read(self, block: _Block) -> list[FindingFact]:
        return [FindingFact(*row) for row in self._rows(block)]

    def _rows(self, block: _Block) -> list[tuple[Any, ...]]:
        self._file.seek(block.place)
        rows: list[tuple[Any, ...]] = pickle.loads(self._file.read(block.size))  # noqa: S301  # nosec B301 - only this process can open it
        return rows


class FindingStore:
    """A writer of findings to a temporary file without a name, which no other process can open.

    The operating system deletes the file when this object and all lists that read from the file are gone. `counts`
    counts the findings by control, severity, outcome and state. `evidence` has the SHA-256 hashes of the evidence of
    all findings, 32 bytes each.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="surety-report-")  # noqa: SIM115 - closed with its last reader
        self._blocks: list[_Block] = []
        self._by_control: dict[str, list[_Block]] = {}
        self.counts: Counter[FindingCount] = Counter()
        self.evidence: set[bytes] = set()

    def add(self, facts: Iterable[FindingFact]) -> None:
        """Write all findings of one control: the worst outcomes first and, within an outcome, the findings that are
        overdue for the longest time first.
        """
        for outcome, rows in groupby(sorted(facts, key=_order), key=lambda fact: fact.outcome):
            self._write(outcome, tuple(islice(rows, _FIRST_BLOCK)))
            for block in batched(rows, _BLOCK):
                self._write(outcome, block)

    def _write(self, outcome: str, facts: Sequence[FindingFact]) -> None:
        rows = list(map(_row_of, facts))
        content = pickle.dumps(rows, pickle.HIGHEST_PROTOCOL)
        block = _Block(outcome, len(facts), self._file.seek(0, 2), self._file.write(content))
        self._blocks.append(block)
        self._by_control.setdefault(facts[0].control, []).append(block)
        for key, number in Counter(map(_counted, rows)).items():
            self.counts[FindingCount(*key)] += number
        for fact in facts:
            self.evidence.update(map(bytes.fromhex, fact.evidence))

    @property
    def findings(self) -> FindingList:
        """All findings, control by control."""
        return FindingList(self._file, self._blocks)

    @property
    def by_control(self) -> dict[str, FindingList]:
        """{control: its findings}."""
        return {slug: FindingList(self._file, blocks) for slug, blocks in self._by_control.items()}


def of_outcome(findings: Sequence[FindingFact], *outcomes: str) -> Sequence[FindingFact]:
    """Return the findings with these outcomes."""
    if isinstance(findings, FindingList):
        return findings.of_outcome(*outcomes)
    return [fact for fact in findings if fact.outcome in outcomes]


def columns_of(findings: Sequence[FindingFact], *names: str) -> Iterator[tuple[Any, ...]]:
    """Yield the values of these fields (at least two) of each finding."""
    if isinstance(findings, FindingList):
        return findings.columns(*names)
    return map(attrgetter(*names), findings)


def outcomes_of(findings: Sequence[FindingFact]) -> Counter[str]:
    """Return {outcome: number of findings}."""
    if isinstance(findings, FindingList):
        return findings.outcomes
    return Counter(fact.outcome for fact in findings)


def _order(fact: FindingFact) -> tuple[int, int, str, str]:
    return OUTCOMES.index(fact.outcome), -fact.overdue_days, fact.unit_name, fact.subject.casefold()
