"""Errors of building a report. Their messages are shown to people."""

from tenants.errors import Conflict, SuretyError


class NoFinishedAssessment(Conflict):
    """The tenant has no finished assessment to report on."""

    default_code = "nothing_to_report"


class SigningUnavailable(SuretyError):
    """The signing certificate cannot be read or used, or the time-stamp authority failed."""

    default_code = "signing_unusable"
