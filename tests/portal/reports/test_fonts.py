"""Reports are set in the product's own fonts, and rendering fetches nothing else."""

from __future__ import annotations

import io

import pikepdf
import pytest
import weasyprint
from weasyprint.text.fonts import FontConfiguration

from portal.reports import render

HTML = """<html lang="en"><title>Fonts</title><body style="font-family: 'Surety Sans'">Text <b>bold</b>
<code style="font-family: 'Surety Mono'">code <b>bold</b></code></body></html>"""


def test_the_fonts_of_the_style_sheet_are_embedded() -> None:
    fetcher, fonts = render._fetcher(), FontConfiguration()
    style = weasyprint.CSS(string=render._stylesheet(), url_fetcher=fetcher, font_config=fonts)
    page = weasyprint.HTML(string=HTML, url_fetcher=fetcher)
    content = page.render(stylesheets=[style], font_config=fonts).write_pdf()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        names = {
            str(item.BaseFont).partition("+")[2]
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and "/BaseFont" in item
        }
    assert names == {"Surety-Sans", "Surety-Sans-Bold", "Surety-Mono", "Surety-Mono-Bold"}


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/font.ttf",
        "file:///etc/hostname",
        "surety-font:../render.py",
        "surety-font:/etc/hostname",
    ],
)
def test_nothing_else_is_fetched(url: str) -> None:
    with pytest.raises(ValueError, match=r"disallowed protocol|not a font of reports"):
        render._fetcher().fetch(url)
