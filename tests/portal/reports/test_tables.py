"""No page ends with the head of a table whose rows follow on the next page."""

from __future__ import annotations

from typing import Any

from django.template import Context, Engine

from portal.reports.render import _stylesheet

_TABLE = """{% load pdf %}<div class="control"><div class="head"><h4>Problem</h4><p>Expected</p></div>
{% pdf_table "Caption" %}{% pdf_columns "Verdict|18mm" "Observed" %}
<tr><td>Fail</td><td>Reason<span class="sub">Line 1</span><span class="sub">Line 2</span></td></tr>
{% endpdf_table %}</div>"""


def texts(box: Any) -> str:
    children = box.all_children() if hasattr(box, "all_children") else []
    return " ".join([getattr(box, "text", ""), *map(texts, children)])


def test_a_head_is_on_the_page_of_its_first_row() -> None:
    import weasyprint

    engine = Engine.get_default()
    table = engine.from_string(_TABLE).render(Context())
    style = weasyprint.CSS(string=f"{_stylesheet()} @page {{ size: 120mm 80mm; margin: 5mm !important; }}")
    breaks = 0
    for height in range(30, 70, 2):
        html = f'<html lang="en"><title>T</title><div style="height: {height}mm">Before</div>{table}</html>'
        document = weasyprint.HTML(string=html).render(stylesheets=[style])
        pages = [texts(page._page_box) for page in document.pages]
        breaks += len(pages) > 1
        for text in pages:
            assert ("Expected" in text) == ("Verdict" in text) == ("Reason" in text), (height, text)
    assert 5 < breaks < 20
