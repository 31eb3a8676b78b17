"""Render the facts of a report as a tagged, unsigned PDF with attachments. The PDF conforms to PDF/A-3a and
PDF/UA-1.

Django's templates write the parts as HTML. `portal.reports.layout` reads the HTML as data, which Typst typesets.
pikepdf then tags the headers of rows and embeds the attachments.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import pikepdf
from django.template.loader import render_to_string
from django.utils.translation import gettext

from portal.reports.attachment_files import Attachment
from portal.reports.branding.logos import MEMORY, SMALL_HEIGHT, SMALL_WIDTH, Logo
from portal.reports.branding.selectors import BrandingFact
from portal.reports.edition import Heading, headings_of
from portal.reports.embedding import embed
from portal.reports.kinds import KINDS
from portal.reports.kinds.kind import document_title
from portal.reports.layout.document import laid_out
from portal.reports.layout.markup import read_document
from portal.reports.layout.typesetting import typeset
from portal.reports.parts import (
    PARTS_BY_KIND,
    framework,
    framework_overview,
    identity,
    results,
    scope,
    summary,
)
from portal.reports.parts.part import ReportFacts, part_numbers
from portal.reports.wording.languages import SOURCE, printed_in, with_reasons_stated
from portal.reports.wording.untranslated import with_english_marked
from tenants.values.visible_text import without_reordering

# Width and height of a page, and the margin to the left and to the right of the text, in millimetres.
_PAPERS: Final = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
_MARGIN: Final = 17.0


@dataclass(frozen=True, slots=True)
class RenderedReport:
    """An unsigned PDF, its number of pages, and the headings of its parts."""

    content: bytes
    pages: int
    headings: list[Heading]


def render(facts: ReportFacts, attachments: Sequence[Attachment]) -> RenderedReport:
    """Render the report as a PDF. Styles, shapes and fonts are files of the product, so no network is needed."""
    report = facts.of(identity.PART).identity
    return render_document(
        render_html(facts, attachments),
        created=report.created_at,
        attachments=attachments,
        paper=report.paper,
    )


def render_document(
    html_text: str, *, created: datetime, attachments: Sequence[Attachment] = (), paper: str = "a4"
) -> RenderedReport:
    """Render HTML in the style of the reports. `paper` is a4 or letter."""
    report = _read(html_text, paper)
    del html_text  # Free the memory of the text, possibly megabytes, before Typst runs.
    with laid_out(report, created=created.astimezone(UTC)) as pdf:
        if attachments:
            embed(pdf, attachments, created)
        if not report["compact"]:
            # Let PDF viewers show the bookmarks when they open the file. A summary of two pages (`compact`) needs no
            # bookmarks.
            pdf.Root.PageMode = pikepdf.Name.UseOutlines
        # Remove the entry Suspects. Typst writes this entry with the default value, false, but pdfinfo reports the
        # entry as an error.
        mark_info: Any = pdf.Root.MarkInfo
        if "/Suspects" in mark_info:
            del mark_info.Suspects
        out = io.BytesIO()
        # The structure tree is most of the file. Object streams compress the tree, which makes a file of 135 pages two
        # thirds smaller.
        pdf.save(
            out,
            linearize=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
        )
        return RenderedReport(out.getvalue(), len(pdf.pages), headings_of(pdf))


def render_picture(html_text: str, *, created: datetime, paper: str) -> bytes:
    """Render HTML in the style of the reports, and return its first page as PNG."""
    report = _read(html_text, paper)
    return typeset(report, created=created.astimezone(UTC), seconds=20, memory=MEMORY, as_picture=True)


def _read(html_text: str, paper: str) -> dict[str, Any]:
    width, height = _PAPERS[paper]
    report = read_document(with_english_marked(html_text), width=width - 2 * _MARGIN)
    report["page"] = {"width": width, "height": height}
    return report


class Branded(Protocol):
    """The properties of a report that `logo_context` needs: the branding, and the name of the report's provider."""

    @property
    def branding(self) -> BrandingFact | None: ...

    @property
    def provider(self) -> str: ...


def logo_context(logo: Logo | None, report: Branded, *, has_cover: bool = True) -> Mapping[str, Any] | None:
    """Return a logo for templates: its data as a data: URL, its text alternative, and its size in millimetres."""
    if logo is None:
        return None
    width, height = logo.fitted() if has_cover else logo.fitted(SMALL_WIDTH, SMALL_HEIGHT)
    name = (report.branding.name if report.branding else "") or report.provider
    return {
        "source": logo.source,
        "alt": gettext("Logo of %(name)s") % {"name": name},
        "width": width,
        "height": height,
    }


def render_html(facts: ReportFacts, attachments: Sequence[Attachment]) -> str:
    """Render the cover, the table of contents and all parts of a report as HTML, in the report's language.

    Times are UTC.
    """
    with printed_in(facts.of(identity.PART).identity.language):
        return with_reasons_stated(_html(facts, attachments))


def _title(facts: ReportFacts) -> str:
    """Return the report's title in the report's language. The stored title, for lists and attachments, is English."""
    report = facts.of(identity.PART).identity
    if report.language == SOURCE:
        return report.title
    return document_title(KINDS[report.kind], facts.of(framework.PART).framework.name, report.customer)


def _html(facts: ReportFacts, attachments: Sequence[Attachment]) -> str:
    report = facts.of(identity.PART).identity
    kind = KINDS[report.kind]
    parts = PARTS_BY_KIND[kind.key]
    # A report without a cover has no table of contents either, so its parts need no numbers.
    numbers = part_numbers(parts) if kind.has_cover else {}
    common = {
        "facts": facts.values(),
        "report": report,
        "language": report.language,
        "title": _title(facts),
        "kind": kind,
        "kind_name": gettext(kind.name),
        "numbers": numbers,
        "has_summary": summary.PART in parts,
        "attachments": attachments,
        "branding": report.branding,
        "logo": logo_context(facts.logo, report, has_cover=kind.has_cover),
        "nothing_read": facts.of(scope.PART).nothing_read,
        "unanswered": facts.of(results.PART).unanswered,
        "framework_beyond": framework.number_beyond(facts),
        "framework_figures": framework_overview.cover_figures(facts.of(framework.PART).framework_results),
    }
    bodies = [
        render_to_string(
            part.template,
            {**common, "part": part, "number": numbers.get(part.key), **part.context(facts)},
        )
        for part in parts
    ]
    contents = [(part, numbers.get(part.key), part.entries(facts)) for part in parts]
    pages = render_to_string(
        "reports/pdf/report.html",
        {**common, "bodies": bodies, "contents": contents},
    )
    return without_reordering(pages)
