"""What can go wrong with a report, as a person reads it."""

from tenants.errors import Conflict, SuretyError


class NothingToReport(Conflict):
    """The tenant has no assessment that has finished."""

    default_code = "nothing_to_report"


class SigningUnusable(SuretyError):
    """The signing certificate cannot be read or used, or the time-stamp authority does not answer."""

    default_code = "signing_unusable"
