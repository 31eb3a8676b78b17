"""Forms of notifications: channels, and how a person hears of what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from portal.notify.kinds import KINDS, Delivery
from portal.notify.models import Channel

EVENTS: Final = [(key, kind.event) for key, kind in KINDS.items()]
DIFFERS: Final = ("", "Different by tenant: leave as it is")


class ChannelForm(forms.Form):
    """A channel. Changing one leaves its kind, and its address unless another is given."""

    kind = forms.ChoiceField(label="Kind", choices=Channel.Kind.choices)
    name = forms.CharField(label="Name", max_length=120, help_text="What you call it, to tell it apart.")
    address = forms.CharField(
        label="Address",
        max_length=2048,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
        help_text="Begins with https://. It is sealed at once and never shown: whoever has it can post there.",
    )
    kinds = forms.MultipleChoiceField(
        label="Events",
        choices=EVENTS,
        widget=forms.CheckboxSelectMultiple,
        initial=[key for key, _ in EVENTS],
    )

    def __init__(self, *args: Any, channel: Channel | None = None, **kwargs: Any) -> None:
        if channel is not None:
            kwargs["initial"] = {"name": channel.name, "kinds": channel.kinds}
        super().__init__(*args, **kwargs)
        if channel is not None:
            del self.fields["kind"]
            self.fields["address"].required = False
            self.fields["address"].label = "Another address"
            self.fields["address"].help_text = f"Leave empty to keep the one at {channel.host}."


class PreferencesForm(forms.Form):
    """A choice a kind of event. `held` are the deliveries that hold now, several where customers differ."""

    def __init__(self, *args: Any, held: Mapping[str, set[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, kind in KINDS.items():
            now = held.get(key, {str(kind.default)})
            choices: list[tuple[str, str]] = [(str(value), str(label)) for value, label in Delivery.choices]
            if len(now) > 1:
                choices.insert(0, DIFFERS)
            self.fields[key] = forms.ChoiceField(
                label=kind.label,
                choices=choices,
                required=len(now) == 1,
                initial="" if len(now) > 1 else next(iter(now)),
                help_text="" if "you" in kind.label.lower() else f"Reaches {kind.to}.",
            )

    def chosen(self) -> dict[str, str]:
        """Kind → delivery, without what is to be left as it is."""
        return {key: value for key, value in self.cleaned_data.items() if value}
