"""Count how many of the expected units an assessment has read. Pages, reports and messages show the numbers and
labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from assessments.models import Assessment

# The label of an assessment by the watch, which judges only the resources that somebody changed.
ONLY_CHANGES: Final = "only changes assessed"


@dataclass(frozen=True, slots=True)
class Extent:
    """The numbers of units that an ended assessment had to read, has read and could not read.

    `only` is the number of units to which the assessment was limited, or 0 if it was not limited. `is_retry` is true if
    the assessment was limited to units that failed earlier. `is_watch` is true if the assessment read only the
    resources that somebody had changed.
    """

    expected: int
    read: int
    failed: int
    is_cancelled: bool
    only: int
    is_retry: bool = False
    is_watch: bool = False

    @classmethod
    def of(cls, assessment: Assessment) -> Self:
        """Return the extent of an assessment.

        An assessment that was cancelled before it started has no units and no summary (`assessments.actions.cancel`).
        """
        units: dict[str, int] = assessment.summary.get("units", {})
        return cls(
            expected=sum(units.values()),
            read=units.get("done", 0),
            failed=units.get("failed", 0),
            is_cancelled=assessment.state == Assessment.State.CANCELLED,
            only=len(assessment.only),
            is_retry=assessment.trigger == Assessment.Trigger.RETRY,
            is_watch=assessment.trigger == Assessment.Trigger.WATCH,
        )

    @property
    def is_partial(self) -> bool:
        """Whether some results of the customer are older than this assessment, or could not be read."""
        return self.is_cancelled or self.only > 0 or self.read < self.expected

    @property
    def label(self) -> str:
        """A short text for lists of assessments, such as “partial: 3 of 4 units read”, or an empty string if the
        assessment has read everything."""
        if not self.is_partial:
            return ""
        if self.is_watch:
            return ONLY_CHANGES
        if self.is_cancelled and not self.read:
            return "cancelled, nothing read"
        units = "unit" if self.expected == 1 else "units"
        if self.only and not self.is_retry:
            words = f"only {self.expected} {units} assessed"
            if self.read < self.expected:
                words += f", {self.read} read"
        else:
            kind = "retry" if self.only else "partial" if self.read else "failed"
            words = f"{kind}: {self.read} of {self.expected} {units} read"
        return f"{words}, cancelled" if self.is_cancelled else words


def extent_label(assessment: Assessment) -> str:
    """Return the label of a partial assessment, or an empty string if the assessment is complete or has not ended."""
    return "" if assessment.is_active else Extent.of(assessment).label
