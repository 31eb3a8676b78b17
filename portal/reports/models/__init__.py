"""Reports and their brandings, and the certificates and records with which files are verified."""

from portal.reports.models.branding import ReportBranding
from portal.reports.models.report import DeletedReport, Report
from portal.reports.models.signed_report import KnownCertificate, RegisterEntry, RenewedFile, SignedReport

__all__ = [
    "DeletedReport",
    "KnownCertificate",
    "RegisterEntry",
    "RenewedFile",
    "Report",
    "ReportBranding",
    "SignedReport",
]
