"""Define parts that several forms share, such as date inputs, check boxes, file fields, and errors of actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.treatment.actions.exceptions.request import MAX_FILES
from portal.treatment.actions.files.store import MAX_BYTES
from tenants.errors import Refusal
from tenants.values.days import DAY_ENDS

# Longer lists of check boxes are folded, so that the Tab key does not stop at each check box on the way to the next
# field.
MAX_UNFOLDED: Final = 12
FILES_HELP: Final = (
    f"You can attach at most {MAX_FILES} files of at most {MAX_BYTES // 2**20} MiB each: PDF, PNG, JPEG, DOCX,"
    " XLSX, text, CSV or JSON."
)


def last_day(latest: datetime) -> date:
    """Return the last day (UTC) whose end is not later than the moment `latest`."""
    moment = latest.astimezone(UTC)
    return moment.date() if moment.timetz().replace(tzinfo=None) >= DAY_ENDS else moment.date() - timedelta(1)


def set_choices(form: forms.Form, name: str, choices: Sequence[tuple[str, str]]) -> None:
    """Set the choices of a field. Choices that depend on the customer or person cannot be set when the field is
    declared.
    """
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def offer_stored(form: forms.Form, *names: str) -> None:
    """Add the initial value of each field to the choices of the field.

    A stored value can be missing from the choices, for example a control that the catalogue no longer has. Without this
    addition, the browser would select another choice, and saving the form would replace the stored value.
    """
    for name in names:
        field = form.fields[name]
        assert isinstance(field, forms.ChoiceField)
        stored = form.initial.get(name) or ()
        choices: Any = field.choices
        offered = {str(value) for value, _ in choices}
        values = [stored] if isinstance(stored, str) else stored
        field.choices = [*choices, *((one, one) for one in values if one not in offered)]


def day_input(**attrs: str) -> forms.DateInput:
    """Return the widget for a day: the browser's date input, whose values are in ISO 8601."""
    return forms.DateInput(attrs={"type": "date", **attrs}, format="%Y-%m-%d")


class ScrollingBoxes(forms.CheckboxSelectMultiple):
    """Check boxes in a container that scrolls, for lists that may be long. The selected check boxes are first, so that
    they are in view. If there are more than `MAX_UNFOLDED` check boxes, the container is folded and shows only how many
    are selected. JavaScript adds a field that filters the check boxes.

    The widget writes the same markup as Django's widget, but without templates, which take a second for 2,000 choices.
    """

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        given = {**self.attrs, **(attrs or {})}
        base = given.pop("id", f"id_{name}")
        chosen = {str(one) for one in value or ()}
        more = flatatt(given)
        first = sorted(self.choices, key=lambda choice: str(choice[0]) not in chosen)
        boxes = (
            (f"{base}_{number}", name, key, more, " checked" if str(key) in chosen else "", label)
            for number, (key, label) in enumerate(first)
        )
        box = '<input type="checkbox" name="{1}" value="{2}" id="{0}"{3}{4}>'
        html = format_html(
            '<div id="{}" class="scrolling">{}</div>',
            base,
            format_html_join("\n", f'<div><label for="{{0}}">{box} {{5}}</label></div>', boxes),
        )
        if len(first) <= MAX_UNFOLDED:
            return html
        count = sum(str(key) in chosen for key, _label in first)
        return format_html(
            '<details class="choices"><summary class="btn">'
            "<span><span data-count>{}</span> of {} chosen</span></summary>"
            '<input type="search" aria-label="Filter the choices" placeholder="Filter" autocomplete="off" hidden>'
            "{}</details>",
            count,
            len(first),
            html,
        )


def max_size(limit: int, message: str) -> Callable[[UploadedFile[Any]], None]:
    """Return a validator of a file field. A file of more than `limit` bytes is refused with the message."""

    def check(file: UploadedFile[Any]) -> None:
        if (file.size or 0) > limit:
            raise forms.ValidationError(message)

    return check


class FilesInput(forms.ClearableFileInput):
    """A file input that accepts several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A field for any number of files, cleaned to a list. The action that stores the files checks their content."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"label": "Files", "help_text": FILES_HELP, **kwargs}
        super().__init__(required=False, widget=FilesInput(attrs={"multiple": True}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        chosen = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(file, initial) for file in chosen if file]


def refused(form: forms.Form, error: Refusal) -> None:
    """Add an action's error to the form. If the error names fields, it is shown at these fields. If not, it is shown
    for the whole form.
    """
    known = {name: texts for name, texts in error.fields.items() if name in form.fields}
    for name, texts in known.items():
        form.add_error(name, forms.ValidationError(texts))
    if not known:
        form.add_error(None, error.message)
