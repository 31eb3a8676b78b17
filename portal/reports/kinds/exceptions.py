"""The exceptions register."""

from django.utils.translation import gettext_noop

from portal.reports.kinds.kind import Kind

KIND = Kind(
    "exceptions",
    40,
    gettext_noop("Exceptions register"),
    title=gettext_noop("Register of Azure exceptions"),
    purpose=(
        "For risk owners and auditors: every exception with its reason, compensating control, decisions and"
        " evidence, and the failures that it covers."
    ),
    file_word="exceptions-register",
    attachments=("results.json", "exceptions.csv", "evidence-manifest.json"),
)
