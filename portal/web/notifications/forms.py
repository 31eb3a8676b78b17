"""Forms of channels and of email preferences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from portal.notify.kinds import KINDS, Delivery
from portal.notify.models import Channel

EVENTS: Final = [(key, kind.event_label) for key, kind in KINDS.items()]
DIFFERS: Final = ("", "Different per customer: no change")


class ChannelForm(forms.Form):
    """A channel. An existing channel keeps its kind, and keeps its address unless a new address is entered."""

    kind = forms.ChoiceField(label="Kind", choices=Channel.Kind.choices)
    name = forms.CharField(label="Name", max_length=120, help_text="A name of your choice.")
    address = forms.CharField(
        label="Address",
        max_length=2048,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
        help_text="Starts with https://. Stored encrypted and never shown: anyone who knows the address can post.",
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
            self.fields["address"].label = "New address"
            self.fields["address"].help_text = f"Leave empty to keep the current address at {channel.host}."


class PreferencesForm(forms.Form):
    """One choice per kind of event.

    `current` has the current choices; a kind has several if the choices for customers differ.
    """

    def __init__(self, *args: Any, current: Mapping[str, set[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, kind in KINDS.items():
            now = current.get(key, {str(kind.default)})
            choices = list(Delivery.choices)
            if len(now) > 1:
                choices.insert(0, DIFFERS)
            self.fields[key] = forms.ChoiceField(
                label=kind.label,
                choices=choices,
                required=len(now) == 1,
                initial="" if len(now) > 1 else next(iter(now)),
                help_text="" if "you" in kind.label.lower() else f"Sent to {kind.recipients}.",
            )

    def chosen(self) -> dict[str, str]:
        """Return {kind: delivery} of the kinds to change."""
        return {key: value for key, value in self.cleaned_data.items() if value}
