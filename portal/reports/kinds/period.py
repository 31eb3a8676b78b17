"""The audit report over a period."""

from django.utils.translation import gettext_noop

from portal.reports.kinds.full import KIND as FULL
from portal.reports.kinds.kind import Kind

KIND = Kind(
    "period",
    15,
    gettext_noop("Audit report over a period"),
    title=gettext_noop("Azure compliance report over a period"),
    purpose=(
        "For auditors: the full audit report and, for a period, the failing days of each control, changed verdicts,"
        " treatments and assessments."
    ),
    file_word="period-report",
    attachments=(*FULL.attachments[:3], "period.csv", "resource-changes.csv", *FULL.attachments[3:]),
    asks=(*FULL.asks, "period_first", "period_last"),
)
