"""Compute the state that pages and reports show for an assessment."""

from __future__ import annotations

from assessments.models import Assessment


def run_key(assessment: Assessment) -> str:
    """Return a key of ``vocabulary.RUNS``: the stored state, or a computed one.

    - ``cancelling``: units of a cancelled assessment are still running
    - ``cut_short``: the assessment was cancelled after some units were read
    - ``partial``, ``failed``: some or all units of a finished assessment failed
    """
    if assessment.is_active and assessment.cancel_requested_at is not None:
        return "cancelling"
    if assessment.state == Assessment.State.CANCELLED and assessment.summary.get("units", {}).get("done"):
        return "cut_short"
    return assessment.result
