"""The exceptions register."""

from portal.reports.kinds.kind import Kind

KIND = Kind(
    "exceptions",
    40,
    "Exceptions register",
    title="Register of Azure exceptions",
    purpose=(
        "For risk owners and auditors: every exception with reason, compensating control, decisions, evidence and the "
        "failures that it covers."
    ),
    file_word="exceptions-register",
    parts=(
        "exceptions_overview",
        "identity",
        "exceptions",
        "covered_failures",
        "limitations",
        "integrity",
    ),
    attachments=("results.json", "exceptions.csv", "evidence-manifest.json"),
)
