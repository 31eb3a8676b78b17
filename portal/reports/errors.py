"""Errors of building a report. The messages of these errors are shown to people."""

from tenants.errors import Conflict, Refusal


class NoFinishedAssessment(Conflict, code="nothing_to_report"):
    """The customer has no assessment on which the requested report can be built."""


class SigningUnavailable(Refusal, code="signing_unusable"):
    """The signing certificate cannot be read or used, or the time-stamp authority failed."""


class CannotRevoke(Conflict, code="cannot_revoke"):
    """The report has no signed file, or was already revoked."""


class CannotRenew(Conflict, code="cannot_renew"):
    """The archive time stamp of the report cannot be renewed."""


class ReportTooLarge(Refusal, code="report_too_large"):
    """The signed file would be too large for Surety to verify it later."""
