"""Define the form of a control's parameters, and write their values in words.

The declaration of a parameter determines the type and the limits of its field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404

from assessments.controls.declare import Control
from assessments.controls.parameter import MAX_NUMBER, MAX_TEXT, Parameter
from assessments.controls.registry import UnknownControl
from assessments.controls.registry import control as control_of
from assessments.estate import quantities
from portal.web.shared.stale_forms import Conflict, conflict
from tenants.values.stale_values import LastChange, Part


def control_with_parameters(slug: str) -> Control:
    """Return the control. Raise Http404 if the control is unknown or has no parameters."""
    try:
        control = control_of(slug)
    except UnknownControl as error:
        raise Http404(str(error)) from None
    if not control.parameters:
        raise Http404(f"{slug} has no parameters.")
    return control


def parameter_text(value: Any) -> str:
    """Return the value of a parameter in words."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return quantities.parameter_text(value)


def judged_text(control: Control, values: Mapping[str, Any]) -> str:
    """Return the text that describes what the control judges. `values` is {parameter: value}.

    The value of a parameter replaces the parameter's name in the text. If the default is a number other than 0, only
    the value is inserted. Otherwise, the parameter's title precedes the value: "unless the parameter “Accept log” (off)
    is on".
    """
    text = control.judged
    for parameter in control.parameters:
        text = text.replace(f"`{parameter.name}`", _in_sentence(parameter, values[parameter.name]))
    return text


def _in_sentence(parameter: Parameter, value: Any) -> str:
    if isinstance(value, bool):
        words = "on" if value else "off"
    else:
        words = parameter_text(value)
        # A number can stand alone in the sentence, unless the parameter's default is 0. In that case, 0 may mean “no
        # limit”, and “more than 0 days” would be wrong.
        if isinstance(value, int | float) and parameter.default:
            return words
    return f"the parameter “{parameter.title}” ({words})"


def help_of(parameter: Parameter) -> str:
    """Return the help text of a parameter, without its Markdown markup."""
    return parameter.help.replace("`;`", "semicolons").replace("`", "")


class ParameterForm(forms.Form):
    """A form that sets the parameters of a control for one tenant. An empty field means the parameter's default."""

    def __init__(self, *args: Any, control: Control, values: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._control = control
        for parameter in control.parameters:
            self.fields[parameter.name] = _field(parameter, values[parameter.name])

    def overrides(self) -> dict[str, Any]:
        """Return {parameter: value} of the fields that are not empty. Each value has the type of the parameter's
        default.
        """
        entered: dict[str, Any] = {}
        for parameter in self._control.parameters:
            value = self.cleaned_data[parameter.name]
            if value is None or value == "":
                continue
            entered[parameter.name] = _typed(parameter, value)
        return entered


def _typed(parameter: Parameter, value: Any) -> Any:
    default = parameter.default
    if isinstance(default, bool):
        return bool(value)
    if isinstance(default, int):
        return int(value)
    if isinstance(default, float):
        return float(value)
    if isinstance(default, list | tuple):
        return type(default)(line.strip() for line in str(value).splitlines() if line.strip())
    return str(value)


def _field(parameter: Parameter, value: Any) -> forms.Field:
    default = parameter.default
    common: dict[str, Any] = {"label": parameter.title, "required": False, "initial": value}
    common["help_text"] = f"{help_of(parameter).rstrip('.')}. Default: {parameter_text(default)}."
    if isinstance(default, bool):
        return forms.BooleanField(**common)
    if parameter.choices:
        return forms.ChoiceField(choices=[(choice, choice) for choice in parameter.choices], **common)
    if isinstance(default, int):
        return forms.IntegerField(
            min_value=_whole(parameter.minimum),
            max_value=_whole(MAX_NUMBER if parameter.maximum is None else parameter.maximum),
            **common,
        )
    if isinstance(default, float):
        return forms.FloatField(min_value=parameter.minimum, max_value=parameter.maximum, **common)
    if isinstance(default, list | tuple):
        common["initial"] = "\n".join(map(str, value))
        common["help_text"] = f"{common['help_text']} One per line."
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), **common)
    return forms.CharField(max_length=MAX_TEXT, **common)


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def parameters_conflict(
    control: Control,
    start: Part,
    now: Part,
    typed: Mapping[str, Any],
    *,
    last: LastChange | None,
    missing: str = "none",
) -> Conflict:
    """Return the parameters that somebody else saved in the meantime, and these merged with `typed`.

    `missing` is the text for a missing value.
    """
    labels = {parameter.name: parameter.title for parameter in control.parameters}
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in typed.items()}

    def text(name: str, value: Any) -> str:
        return missing if value is None else parameter_text(value)

    return conflict(labels, start, now, given, last, text)
