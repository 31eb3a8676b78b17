"""The word for where an assessment is."""

from __future__ import annotations

from assessments.models import Assessment


def run_key(assessment: Assessment) -> str:
    """A key of ``vocabulary.RUNS``.

    The stored states, and two that follow from them: ``cancelling`` while units still end, and ``partial`` or
    ``failed`` where units of a finished assessment could not be read at all.
    """
    if assessment.is_active and assessment.cancel_requested_at is not None:
        return "cancelling"
    if assessment.state == Assessment.State.FINISHED:
        units = assessment.summary.get("units", {})
        if units.get("failed"):
            return "partial" if units.get("done") else "failed"
    return str(assessment.state)
