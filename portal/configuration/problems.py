"""Problems of a configuration file. Each problem names the line and says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tenants.errors import InvalidInput

# The maximum number of problems that are shown. The search ends at this number.
MAX_PROBLEMS: Final = 50


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A problem at a line of the file. Lines count from 1. A problem of the file as a whole has the line 0."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}" if self.line else self.message


class UnusableFile(InvalidInput, code="file_unusable"):
    """The file cannot be applied. `problems` are in the order of the lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(set(problems))
        texts = [str(problem) for problem in self.problems]
        super().__init__(" ".join(texts), fields={"file": texts})
