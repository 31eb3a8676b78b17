"""Errors of assessments, with messages for people."""

from tenants.errors import Conflict, SuretyError


class NothingToAssess(Conflict):
    """The tenant has no directory with a service principal."""

    default_code = "nothing_to_assess"


class AlreadyRunning(Conflict):
    """The tenant already has an assessment that is queued or running."""

    default_code = "already_running"


class NotActive(Conflict):
    """The assessment is not queued or running, or nothing is left to retry."""

    default_code = "not_active"


class LeaseLost(SuretyError):
    """Another worker has taken over the unit, so this worker must not write its results."""

    default_code = "lease_lost"
