"""A list in a temporary file, so that a report on very many facts needs little memory."""

from __future__ import annotations

import pickle  # nosec B403 - see SpilledList._read
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched, islice
from tempfile import TemporaryFile
from typing import Final, overload

_BLOCK: Final = 200


class SpilledList[T](Sequence[T]):
    """A list that is written to a temporary file once. Reading it keeps one block of 200 items in memory.

    The file has no name, so no other process can open it. The operating system deletes the file when the list is gone.
    """

    def __init__(self, items: Iterable[T]) -> None:
        self._file = TemporaryFile(prefix="surety-report-")  # noqa: SIM115 - closed with the list
        self._blocks: list[tuple[int, int]] = []
        self._length = 0
        for block in batched(items, _BLOCK):
            content = pickle.dumps(block, pickle.HIGHEST_PROTOCOL)
            self._blocks.append((self._file.seek(0, 2), self._file.write(content)))
            self._length += len(block)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        for number in range(len(self._blocks)):
            yield from self._read(number)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            start, stop, step = place.indices(self._length)
            return list(self)[place] if step < 0 else list(islice(self, start, stop, step))
        index = place + self._length if place < 0 else place
        if not 0 <= index < self._length:
            raise IndexError(f"There is no item at position {place}.")
        return self._read(index // _BLOCK)[index % _BLOCK]

    def _read(self, number: int) -> Sequence[T]:
        begin, size = self._blocks[number]
        self._file.seek(begin)
        found: Sequence[T] = pickle.loads(self._file.read(size))  # noqa: S301  # nosec B301 - only this process can open it
        return found
