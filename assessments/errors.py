"""Errors of assessments whose messages are shown to people."""

from tenants.errors import Conflict, SuretyError


class NothingToAssess(Conflict):
    """The tenant has no directory with a service principal."""

    default_code = "nothing_to_assess"


class AlreadyRunning(Conflict):
    """The tenant has an assessment that has not ended yet."""

    default_code = "already_running"


class NotActive(Conflict):
    """The assessment has already ended."""

    default_code = "not_active"


class LeaseLost(SuretyError):
    """Another worker took over the unit, so the results of this one must not be written."""

    default_code = "lease_lost"
