"""The executive summary."""

from django.utils.translation import gettext_noop

from portal.reports.kinds.kind import Kind

KIND = Kind(
    "executive",
    20,
    gettext_noop("Executive summary"),
    title=gettext_noop("Azure executive summary"),
    purpose="For management: two pages with the conclusion, the most important risks, the trend, the work of the"
    " last 30 days and the next steps.",
    file_word="executive-summary",
    attachments=("results.json", "evidence-manifest.json"),
    has_cover=False,
)
