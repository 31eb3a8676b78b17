"""The declaration of a kind of report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext

# The fields of the request form that only some kinds of reports have.
SCOPE_FIELDS: Final = ("baseline", "framework", "period_first", "period_last")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of report, as data. The parts of reports (`portal.reports.parts`) declare which kinds contain them.

    - `key`: stored with reports, so never rename it
    - `attachments`: files of `portal.reports.attachments.files`; `results.json` is always among them, because the
      portal reads this file
    - `asks`: the fields of `SCOPE_FIELDS` in the request form
    """

    key: str
    position: int
    """The position in lists of kinds of reports. The kind with the lowest number comes first."""
    name: str
    """The name of the kind in lists and forms, and on the cover."""
    title: str
    """The beginning of the title of a report, such as "X" in "X for Contoso". `{framework}` stands for the name of the
    framework.
    """
    purpose: str
    """A sentence that says who reads the report and what the report contains."""
    file_word: str
    """The word for the kind in the name of the downloaded file."""
    attachments: tuple[str, ...]
    asks: tuple[str, ...] = ()
    has_cover: bool = True
    """Whether the report starts with a cover and a table of contents."""


def document_title(kind: Kind, framework: str, customer: str) -> str:
    """Return the title of a report in the active language. `framework` is the name of a framework version."""
    title = gettext(kind.title).format(framework=framework)
    return gettext("%(title)s for %(customer)s") % {"title": title, "customer": customer}
