"""Errors of bulk jobs."""

from tenants.errors import Conflict, Refusal


class JobEnded(Conflict, code="job_ended"):
    """The job has ended, so it can no longer be cancelled."""


class TooManyJobs(Conflict, code="too_many_jobs"):
    """The customer already has the maximum number of unfinished jobs."""


class TooManyResults(Conflict, code="too_many_results"):
    """With this job, the customer would have more stored results of jobs than the maximum."""


class ValuesUnseen(Refusal, code="precondition_required"):
    """The action depends on observed values, and the program has not said which values it has seen (HTTP 428)."""


class ValuesChanged(Refusal, code="changed_meanwhile"):
    """The selected findings or their observed values differ from those that the program has seen (HTTP 412)."""


class SelectionChanged(Conflict, code="selection_changed"):
    """The number of findings differs from the number that the program expects."""


class NothingToUndo(Conflict, code="nothing_to_undo"):
    """The job has changed nothing that can be undone."""
