"""The full audit report."""

from django.utils.translation import gettext_noop

from portal.reports.kinds.kind import Kind

KIND = Kind(
    "full",
    10,
    gettext_noop("Full audit report"),
    title=gettext_noop("Azure compliance report"),
    purpose="For auditors: every verdict with its evidence, all exceptions and attestations, the method and its"
    " limitations.",
    file_word="report",
    attachments=(
        "results.json",
        "results.csv",
        "framework.csv",
        "evidence-manifest.json",
        "oscal-assessment-results.json",
    ),
    asks=("framework",),
)
