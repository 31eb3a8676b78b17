"""The executive summary."""

from django.utils.translation import gettext_noop

from portal.reports.kinds.kind import Kind

KIND = Kind(
    "executive",
    20,
    gettext_noop("Executive summary"),
    title=gettext_noop("Azure executive summary"),
    purpose="For management, on two pages: conclusion, top risks, trend, what was done and what is next.",
    file_word="executive-summary",
    parts=("conclusion", "risks", "trend", "activity", "next_steps", "basis"),
    attachments=("results.json", "evidence-manifest.json"),
    has_cover=False,
)
