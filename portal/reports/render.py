"""Rendering facts as a tagged, unsigned PDF with attachments, conforming to PDF/A-3a and PDF/UA-1.

WeasyPrint can write only one variant, here PDF/A-3a. pikepdf then adds the mark of PDF/UA: the XMP property `pdfuaid`
and the extension schema that PDF/A requires for it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import pikepdf
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from portal.reports.attachment_files import Attachment
from portal.reports.embedding import embed
from portal.reports.kinds import KINDS
from portal.reports.parts import PARTS_BY_KEY, identity, results, scope
from portal.reports.parts.part import ReportFacts, part_numbers

# ISO 19005-2, 6.6.2.3: the file must describe properties of schemas that PDF/A does not define.
_PDFUA = b"""
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
  xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
  xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
 <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
  <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
  <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
  <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
  <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
   <pdfaProperty:name>part</pdfaProperty:name>
   <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
   <pdfaProperty:category>internal</pdfaProperty:category>
   <pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>
  </rdf:li></rdf:Seq></pdfaSchema:property>
 </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
_END = b"</rdf:RDF>"
# The cover fills its page.
_PAPERS: Final = {
    "a4": "",
    "letter": "@page { size: letter; } .cover { height: 279.4mm; } .cover .facts { width: 170.9mm; }",
}
# The first page of a report without a cover has margins and page numbers like the others.
_WITHOUT_COVER: Final = """@page :first {
  margin: 15mm 17mm 20mm 17mm;
  @bottom-left { content: string(reportid); }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); }
}"""
# The product's own fonts, so that a report looks the same on every machine: (family, weight, file). Only characters
# that they lack are set in fonts of the host.
_FONTS: Final = (
    ("Surety Sans", 400, "LiberationSans-Regular.ttf"),
    ("Surety Sans", 700, "LiberationSans-Bold.ttf"),
    ("Surety Mono", 400, "LiberationMono-Regular.ttf"),
    ("Surety Mono", 700, "LiberationMono-Bold.ttf"),
)
# The scheme of the URLs of these fonts in the style sheet; see `_fetcher`.
_FONT_SCHEME: Final = "surety-font"


@dataclass(frozen=True, slots=True)
class RenderedReport:
    """An unsigned PDF and its number of pages."""

    content: bytes
    pages: int


def render(facts: ReportFacts, attachments: Sequence[Attachment]) -> RenderedReport:
    """Render the report as a PDF without fetching anything: styles and shapes come with the product."""
    report = facts.of(identity.PART).identity
    return render_document(
        render_html(facts, attachments),
        created=report.created_at,
        attachments=attachments,
        extra_style=_PAPERS[report.paper] + ("" if KINDS[report.kind].has_cover else _WITHOUT_COVER),
    )


def render_document(
    html_text: str, *, created: datetime, attachments: Sequence[Attachment] = (), extra_style: str = ""
) -> RenderedReport:
    """Render HTML in the style of the reports, with a further style sheet."""
    # Imported here because WeasyPrint takes half a second to import, and most processes never render.
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    fetcher = _fetcher()
    fonts = FontConfiguration()
    styles = [
        weasyprint.CSS(string=text, url_fetcher=fetcher, font_config=fonts)
        for text in (_stylesheet(), extra_style)
        if text
    ]
    html = weasyprint.HTML(string=html_text, url_fetcher=fetcher)
    document = html.render(stylesheets=styles, font_config=fonts)
    content = document.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True)
    return RenderedReport(_complete(content, attachments, created), len(document.pages))


def render_html(facts: ReportFacts, attachments: Sequence[Attachment]) -> str:
    """Render the cover, the contents and the parts of the report's kind in their order. Times are UTC."""
    report = facts.of(identity.PART).identity
    kind = KINDS[report.kind]
    parts = [PARTS_BY_KEY[key] for key in kind.parts]
    # Without a table of contents, numbers would lead nowhere.
    numbers = part_numbers(parts) if kind.has_cover else {}
    common = {
        "facts": facts.values(),
        "report": report,
        "kind": kind,
        "numbers": numbers,
        "attachments": attachments,
        "nothing_read": facts.of(scope.PART).nothing_read,
        "unanswered": facts.of(results.PART).unanswered,
    }
    with timezone.override(UTC):
        bodies = [
            render_to_string(
                part.template,
                {**common, "part": part, "number": numbers.get(part.key), **part.context(facts)},
            )
            for part in parts
        ]
        contents = [(part, numbers.get(part.key), part.entries(facts)) for part in parts]
        return render_to_string(
            "reports/pdf/report.html",
            {**common, "bodies": bodies, "contents": contents},
        )


def _complete(content: bytes, attachments: Sequence[Attachment], created: datetime) -> bytes:
    """Return the PDF with the mark of PDF/UA and the attachments."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        metadata: Any = pdf.Root.Metadata
        xmp = metadata.read_bytes()
        if xmp.count(_END) != 1:
            raise RuntimeError(
                "The XMP metadata written by WeasyPrint does not contain exactly one rdf:RDF element."
            )
        # Not compressed, because readers look for the mark in the bytes of the file.
        metadata.write(xmp.replace(_END, _PDFUA + _END))
        if attachments:
            embed(pdf, attachments, created)
        out = io.BytesIO()
        # Object streams compress the structure tree, which is most of the file: two thirds less for 135 pages.
        pdf.save(out, linearize=False, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


@cache
def _stylesheet() -> str:
    style = (Path(settings.BASE_DIR) / "templates/reports/pdf/report.css").read_text(encoding="utf-8")
    return "\n".join([*map(_font_face, _FONTS), style])


def _font_face(font: tuple[str, int, str]) -> str:
    family, weight, file = font
    source = f"url({_FONT_SCHEME}:{file})"
    return f'@font-face {{ font-family: "{family}"; font-weight: {weight}; src: {source}; }}'


def _fetcher() -> Any:
    """Return a fetcher that reads data: URLs and the product's own fonts, and nothing else.

    Fonts as data: URLs in the style sheet would take 0.3 s of each report: they are parsed character by character.
    """
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):  # type: ignore[misc]  # the package has no type information
        def fetch(self, url: str, headers: Any = None) -> Any:
            scheme, _, file = url.partition(":")
            if scheme != _FONT_SCHEME:
                return super().fetch(url, headers)
            if file not in {own for _, _, own in _FONTS}:
                raise ValueError(f"{file} is not a font of reports.")
            return URLFetcherResponse(url, (Path(__file__).parent / "fonts" / file).read_bytes())

    return Fetcher(allowed_protocols=("data",), fail_on_errors=True)
