"""The framework report."""

from django.utils.translation import gettext_noop

from portal.reports.kinds.kind import Kind

KIND = Kind(
    "framework",
    30,
    gettext_noop("Framework report"),
    title=gettext_noop("{framework} report"),
    purpose=(
        "For assessors of a framework: every requirement of the framework version with its result, or the reason why"
        " there is no result."
    ),
    file_word="framework-report",
    attachments=(
        "results.json",
        "framework.csv",
        "evidence-manifest.json",
        "oscal-assessment-results.json",
    ),
    asks=("framework",),
)
