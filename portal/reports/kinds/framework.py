"""The framework report."""

from portal.reports.kinds.kind import Kind

KIND = Kind(
    "framework",
    30,
    "Framework report",
    title="{framework} report",
    purpose=(
        "For assessors of a framework: every requirement of the version with its result, or the reason why it has none."
    ),
    file_word="framework-report",
    parts=(
        "framework_overview",
        "identity",
        "scope",
        "method",
        "framework",
        "exceptions",
        "attestations",
        "limitations",
        "integrity",
    ),
    attachments=(
        "results.json",
        "framework.csv",
        "evidence-manifest.json",
        "oscal-assessment-results.json",
    ),
    asks=("framework",),
)
