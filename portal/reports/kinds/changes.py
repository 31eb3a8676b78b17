"""The change report between two assessments."""

from django.utils.translation import gettext_noop

from portal.reports.kinds.kind import Kind

KIND = Kind(
    "changes",
    50,
    gettext_noop("Change report"),
    title=gettext_noop("Azure change report"),
    purpose=(
        "For reviews: which results became better, worse or unknown between two assessments, the scores of both"
        " assessments, and who changed which resources."
    ),
    file_word="change-report",
    attachments=("results.json", "changes.csv", "resource-changes.csv", "evidence-manifest.json"),
    asks=("baseline",),
)
