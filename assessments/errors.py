"""What can go wrong with an assessment, as a person reads it."""

from tenants.errors import Conflict, SuretyError


class NothingToAssess(Conflict):
    """The tenant has no directory with a service principal."""

    default_code = "nothing_to_assess"


class AlreadyRunning(Conflict):
    """The tenant has an assessment that has not ended."""

    default_code = "already_running"


class NotActive(Conflict):
    """The assessment has ended already."""

    default_code = "not_active"


class LeaseLost(SuretyError):
    """Another worker took the unit over: whatever this one has found must not be written."""

    default_code = "lease_lost"
