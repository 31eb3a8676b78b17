"""Tags for the tables of a report. The markup of the tables is in ``templates/reports/pdf/``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from django.template.context import Context

register = template.Library()

# The context's key under which `pdf_columns` stores a table's columns for `pdf_table`.
_COLUMNS: Final = "surety report columns"

_CODE: Final = '<code class="mono">{}</code>'


class Column(NamedTuple):
    """The head of a column; `width` is a length in CSS, or empty."""

    name: str
    width: str
    is_number: bool

    @classmethod
    def parse(cls, text: str) -> Column:
        """Read ``Requests|num|22mm``."""
        name, *options = text.split("|")
        width = next((option for option in options if option != "num"), "")
        return cls(name, width, "num" in options)


@register.simple_tag(takes_context=True)
def pdf_columns(context: Context, *columns: str) -> str:
    """Declare the columns of the surrounding table: ``{% pdf_columns "Collection|40mm" "Requests|num" %}``.

    After a bar, ``num`` aligns the column to the right, and a length sets its width.
    """
    declared = context.render_context.get(_COLUMNS) or ()
    context.render_context[_COLUMNS] = [*declared, *map(Column.parse, columns)]
    return ""


@register.simple_block_tag(takes_context=True)
def pdf_table(
    context: Context, content: str, caption: str, css: str = "", width: str = "", is_grouped: bool = False
) -> SafeString:
    """A table of rows under ``pdf_columns``. With ``is_grouped``, the content has the ``tbody`` elements itself."""
    columns = context.render_context[_COLUMNS]
    context.render_context[_COLUMNS] = ()
    if not content.strip():
        # A table with a head and no body breaks PDF/UA-1.
        return format_html("<p>{}: none.</p>", caption)
    return mark_safe(  # noqa: S308 - rendered by the template engine, which escaped it
        render_to_string(
            "reports/pdf/_table.html",
            {
                "content": content,
                "caption": caption,
                "columns": columns,
                "css": css,
                "width": width,
                "is_grouped": is_grouped,
            },
        )
    )


@register.simple_block_tag
def pdf_pair(content: str, name: str) -> SafeString:
    """A row of a table of names and values: ``{% pdf_pair "Customer" %}{{ report.customer }}{% endpdf_pair %}``."""
    return mark_safe(  # noqa: S308 - as above
        render_to_string("reports/pdf/_pair.html", {"content": content, "name": name})
    )


@register.filter
def inline_code(text: str) -> SafeString:
    """Return a sentence of a fix as HTML: text between backticks becomes code."""
    pieces = str(text).split("`")
    return format_html_join(
        "", "{}", ((format_html(_CODE, piece) if n % 2 else piece,) for n, piece in enumerate(pieces))
    )


@register.inclusion_tag("reports/pdf/_more.html")
def pdf_more(number: int, file: str = "results.json") -> dict[str, object]:
    """A line that says how many rows the table above does not show, and which attachment contains them; empty for 0."""
    return {"number": number, "file": file}
