"""Errors of assessments, with messages for people."""

from tenants.errors import Conflict, SuretyError


class NothingToAssess(Conflict, code="nothing_to_assess"):
    """The tenant has neither an enabled service principal nor a delegated subscription."""


class AlreadyRunning(Conflict, code="already_running"):
    """The tenant already has an assessment that is queued or running."""


class NotActive(Conflict, code="not_active"):
    """The assessment has already ended and cannot be cancelled, or it has no unit that could be retried."""


class CannotCheck(Conflict, code="cannot_check"):
    """A finding cannot be checked again now."""


class LeaseLost(SuretyError, code="lease_lost"):
    """Another worker has taken over the unit, so this worker must not write results of the unit."""
