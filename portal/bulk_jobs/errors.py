"""Errors of bulk jobs."""

from tenants.errors import Conflict


class JobEnded(Conflict, code="job_ended"):
    """The job has ended, so it can no longer be cancelled."""


class TooManyJobs(Conflict, code="too_many_jobs"):
    """The customer has as many unfinished jobs as are allowed."""


class SelectionChanged(Conflict, code="selection_changed"):
    """The number of findings differs from the number that the program expects."""


class NothingToUndo(Conflict, code="nothing_to_undo"):
    """The job has changed nothing that can be undone."""
