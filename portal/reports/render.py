"""Facts → PDF/A-3a and PDF/UA-1, tagged, with attachments. Not signed yet.

WeasyPrint writes PDF/A-3a; the mark of PDF/UA (XMP `pdfuaid`, with the extension schema that PDF/A wants for
it) is put in afterwards by pikepdf, because WeasyPrint writes one variant at a time.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from portal.reports.attachments import Attached
from portal.reports.facts import ReportFacts
from portal.reports.presentation import context_of

# ISO 19005-2 6.6.2.3: a property of a schema that PDF/A does not know has to be described in the file.
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


@dataclass(frozen=True, slots=True)
class Rendered:
    """An unsigned PDF and its number of pages."""

    content: bytes
    pages: int


def render(facts: ReportFacts, attached: Sequence[Attached]) -> Rendered:
    """The report as a PDF. Nothing is fetched: styles and shapes come with the product."""
    # WeasyPrint takes half a second to import: only who renders pays for it.
    from weasyprint import CSS, HTML, Attachment
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
    with timezone.override(UTC):
        html = render_to_string("reports/pdf/report.html", context_of(facts, attached))
    fonts = FontConfiguration()
    created = facts.identity.created_at
    document = HTML(string=html, url_fetcher=fetcher).render(
        stylesheets=[CSS(string=_stylesheet(), url_fetcher=fetcher, font_config=fonts)], font_config=fonts
    )
    content = document.write_pdf(
        pdf_variant="pdf/a-3a",
        pdf_tags=True,
        attachments=[
            Attachment(
                string=file.content,
                name=file.name,
                description=file.description,
                relationship=file.relationship,
                created=created,
                modified=created,
            )
            for file in attached
        ],
    )
    return Rendered(_mark_accessible(content), len(document.pages))


def _mark_accessible(content: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        metadata: Any = pdf.Root.Metadata
        xmp = metadata.read_bytes()
        if xmp.count(_END) != 1:
            raise RuntimeError("WeasyPrint's XMP no longer has the one rdf:RDF that pdfuaid goes into.")
        # Uncompressed: readers that look for the mark search the bytes of the file.
        metadata.write(xmp.replace(_END, _PDFUA + _END))
        # WeasyPrint lists each attachment twice among the associated files.
        files = {file.objgen: file for file in pdf.Root.get("/AF", [])}
        pdf.Root.AF = pikepdf.Array(list(files.values()))
        out = io.BytesIO()
        pdf.save(out, linearize=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


@cache
def _stylesheet() -> str:
    return (Path(settings.BASE_DIR) / "templates/reports/pdf/report.css").read_text(encoding="utf-8")
