"""Tables of reports: a table's head is on the page of its first row, and assistive technology finds the headers of
rows.
"""

from __future__ import annotations

import io
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from django.template import Context, Engine
from pikepdf import Dictionary

from portal.reports.render import render_document

_TABLE = """{% load pdf %}<div class="control"><div class="head"><h2>Problem</h2><p>Expected</p></div>
{% pdf_table "Caption" %}{% pdf_columns "Verdict|18mm" "Observed" %}
<tr><td>Fail</td><td>Reason<span class="sub">Line 1</span><span class="sub">Line 2</span></td></tr>
{% endpdf_table %}</div>"""


def document(body: str) -> bytes:
    html = f'<html lang="en"><head><title>T</title></head><body><h1>T</h1>{body}</body></html>'
    return render_document(html, created=datetime.now(UTC)).content


def pages(content: bytes, path: Path) -> list[str]:
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True)
    return done.stdout.removesuffix("\f").split("\f")


@pytest.mark.slow(seconds=1)
def test_a_head_is_on_the_page_of_its_first_row(tmp_path: Path) -> None:
    table = Engine.get_default().from_string(_TABLE).render(Context())
    breaks = 0
    for lines in range(24, 38):
        found = pages(document("<p>Before</p>" * lines + table), tmp_path / "report.pdf")
        breaks += len(found) > 1
        for text in found:
            assert ("Expected" in text) == ("Verdict" in text) == ("Reason" in text), (lines, text)
    assert 2 < breaks < 12


def test_a_row_that_is_longer_than_a_page_continues_on_the_next(tmp_path: Path) -> None:
    words = " ".join(f"word{number}" for number in range(3000))
    table = Engine.get_default().from_string(_TABLE.replace("Reason", words)).render(Context())
    text = " ".join(pages(document(table), tmp_path / "report.pdf"))
    assert all(f"word{number}" in text for number in range(3000))


def test_long_words_break_within_their_column(tmp_path: Path) -> None:
    """An id that is wider than its column does not run into the next column."""
    name = "/subscriptions/0a1b2c3d/resourceGroups/" + "x" * 200
    table = Engine.get_default().from_string(_TABLE.replace("<td>Fail", f"<td>{name}")).render(Context())
    content = document(table)
    (tmp_path / "report.pdf").write_bytes(content)
    # Read only the first column, which is 18 mm wide and begins at 17 mm.
    area = ["-x", "0", "-y", "0", "-W", str(int(34.8 / 25.4 * 72)), "-H", "842"]
    done = subprocess.run(
        ["pdftotext", *area, str(tmp_path / "report.pdf"), "-"], capture_output=True, text=True, check=True
    )
    assert name in "".join(done.stdout.split())


_HEADERS = """<table><caption class="strings">C</caption>
<thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead>
<tbody><tr><th scope="row">Name</th><td>Value</td></tr></tbody></table>"""


def test_the_header_of_a_row_is_tagged_as_such() -> None:
    with pikepdf.open(io.BytesIO(document(_HEADERS))) as pdf:
        cells = [
            item for item in pdf.objects if isinstance(item, Dictionary) and item.get("/S") in ("/TH", "/TD")
        ]
        scopes = [str(cell.A[0].get("/Scope")) for cell in cells]
        assert sorted(scopes) == ["/Column", "/Column", "/Row", "None"]
        (data,) = (cell for cell in cells if cell.S == "/TD")
        (header,) = (cell for cell in cells if cell.A[0].get("/Scope") == "/Row")
        assert header.ID in list(data.A[0].Headers)


def test_pdfinfo_finds_no_error(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(document("<p>Text</p>"))
    done = subprocess.run(
        ["pdfinfo", str(tmp_path / "report.pdf")], capture_output=True, text=True, check=True
    )
    assert (done.stderr, "Pages" in done.stdout) == ("", True)
