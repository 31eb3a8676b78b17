"""Template tags for the tables of a report, and filters that write texts in the report's language.

Templates in ``templates/reports/pdf/`` have captions, columns and rows in English, which the tags translate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from django import template
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext

from portal.reports.wording import languages
from portal.reports.wording.portal_paths import is_path, path_in_language, sentence_in_language, with_code

if TYPE_CHECKING:
    from django.template.context import Context

register = template.Library()

# The key in the template's context under which `pdf_columns` stores the columns of a table for `pdf_table`.
_COLUMNS: Final = "surety report columns"
# The code of an error, such as Entra's AADSTS7000222, which stands before the text of the error.
_CODE: Final = re.compile(r"\w+")


class Column(NamedTuple):
    """The head of a column of a table. `width` is a length in CSS, or empty."""

    name: str
    width: str
    is_number: bool

    @classmethod
    def parse(cls, text: str) -> Column:
        """Read the declaration of a column, such as ``Requests|num|22mm``."""
        name, *options = text.split("|")
        width = next((option for option in options if option != "num"), "")
        return cls(gettext(name) if name else "", width, "num" in options)


@register.simple_tag(takes_context=True)
def pdf_columns(context: Context, *columns: str) -> str:
    """Declare the columns of the surrounding table: ``{% pdf_columns "Collection|40mm" "Requests|num" %}``.

    After a ``|``, ``num`` aligns the column to the right, and a length sets its width.
    """
    declared = context.render_context.get(_COLUMNS) or ()
    context.render_context[_COLUMNS] = [*declared, *map(Column.parse, columns)]
    return ""


@register.simple_block_tag(takes_context=True)
def pdf_table(
    context: Context, content: str, caption: str, css: str = "", width: str = "", is_grouped: bool = False
) -> SafeString:
    """Return a table with the columns of ``pdf_columns``. The block contains ``pdf_columns`` and the rows.

    If ``is_grouped`` is set, the block also contains the ``tbody`` elements around the rows.
    """
    in_language = languages.translated(caption)
    caption = caption if in_language is None else in_language
    columns = context.render_context[_COLUMNS]
    context.render_context[_COLUMNS] = ()
    if not content.strip():
        # Return a sentence, because PDF/UA-1 does not permit a table with a head but no rows.
        return format_html("<p>{}</p>", gettext("%(caption)s: none.") % {"caption": caption})
    return mark_safe(  # noqa: S308 - rendered by the template engine, which escaped it
        render_to_string(
            "reports/pdf/_table.html",
            {
                "content": content,
                "caption": caption,
                "caption_language": languages.SOURCE if in_language is None else "",
                "columns": columns,
                "css": css,
                "width": width,
                "is_grouped": is_grouped,
            },
        )
    )


@register.simple_block_tag
def pdf_pair(content: str, name: str) -> SafeString:
    """Return a row with a name and a value: ``{% pdf_pair "Customer" %}{{ report.customer }}{% endpdf_pair %}``."""
    return mark_safe(  # noqa: S308 - rendered by the template engine, which escaped it
        render_to_string("reports/pdf/_pair.html", {"content": content, "name": gettext(name)})
    )


@register.filter
def dated(value: date | str | None, form: str) -> str:
    """Return a date or time as the report's language writes it: ``{{ report.as_of|dated:"Y-m-d H:i" }}``."""
    return languages.dated(value, form)


@register.filter
def stated(text: str, limit: int | None = None) -> str:
    """Return a text of the report's data in the report's language. A text without a translation is marked as English.

    ``limit`` is the number of characters after which the text is cut off.
    """
    found = languages.translated(text)
    return _marked(text, found, limit)


@register.filter
def trouble_stated(trouble: str) -> str:
    """Return why a unit was not read (`UnitFact.trouble`) in the report's language. If the text begins with the code of
    an error, the code is not translated.
    """
    code, separator, text = trouble.partition(": ")
    if separator and _CODE.fullmatch(code):
        return format_html("{}: {}", code, stated(text))
    return stated(trouble)


@register.filter
def reason_stated(text: str, control: str) -> str:
    """Return the reason of a verdict in the report's language: ``{{ fact.reason|reason_stated:fact.control }}``.

    ``control`` is the slug of the control that gave the reason. Its section determines which templates of sentences
    (`portal.reports.wording.reason_templates`) are tried. A text without a translation is marked as English.
    """
    return _marked(text, languages.translated(text, control.partition("-")[0]))


def _marked(text: str, found: str | None, limit: int | None = None) -> str:
    shown = text if found is None or found == text else found
    if limit is not None:
        shown = Truncator(str(shown)).chars(limit)
    if found is None:
        return format_html('<span lang="{}">{}</span>', languages.SOURCE, shown)
    return mark_safe(conditional_escape(shown))  # noqa: S308 - escaped here


@register.filter
def section_stated(section: str) -> SafeString:
    """Return a section of a framework, such as `2.1 Databricks`, with its title in the report's language."""
    key, _, title = section.partition(" ")
    return format_html("{} {}", key, stated(title))


@register.filter
def label_of(labels: Mapping[str, str], key: str) -> str:
    """Return the label of a stored key: ``{{ states|label_of:change.after_shown }}``."""
    return str(labels[key])


@register.filter
def lowered(word: str) -> str:
    """Return a label in the report's language with its first letter in lower case, for use inside a sentence. The other
    words stay as they are, because some of them may be German nouns, which are capitalized.
    """
    # An untranslated label begins with the character that marks it as English, and not with a letter.
    return re.sub(r"\w", lambda letter: letter[0].lower(), gettext(word), count=1)


@register.filter
def alternatives(permission: str) -> str:
    """Return alternative permissions in words: ``A|B`` becomes “A or B”."""
    word = gettext("or")
    return permission.replace("|", f" {word} ")


@register.filter
def inline_code(text: str) -> SafeString:
    """Return a sentence of a fix as HTML in the report's language. Text between backticks becomes code.

    A sentence without a translation is marked as English. Paths in the Azure portal are translated part by part
    (`portal.reports.wording.portal_paths`).
    """
    if is_path(text):
        return path_in_language(text)
    if languages.printed_language() == languages.SOURCE:
        return with_code(text)
    found = languages.translated(str(text))
    if found is not None:
        return sentence_in_language(found)
    return format_html('<span lang="{}">{}</span>', languages.SOURCE, with_code(text))


@register.inclusion_tag("reports/pdf/_more.html")
def pdf_more(number: int, file: str = "results.json") -> dict[str, object]:
    """Return a line that says how many rows the table above leaves out, and which attachment contains them. Return an
    empty text if the table leaves out no rows.
    """
    return {"number": number, "file": file}
