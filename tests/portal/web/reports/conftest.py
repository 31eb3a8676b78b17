"""Fixtures of the pages of reports."""

from tests.portal.reports import conftest as reports

signed_files = reports.signed_files
