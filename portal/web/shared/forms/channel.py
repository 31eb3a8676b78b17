"""Define the forms of a channel, which belongs to a customer or to a baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django import forms

from portal.notify.kinds import KINDS
from portal.notify.models import Channel
from portal.notify.selectors import StoredChannel
from portal.web.shared.stale_forms import Conflict, conflict
from tenants.values.stale_values import LastChange, Part

EVENTS: Final = [(key, kind.event_label) for key, kind in KINDS.items()]


class ChannelForm(forms.Form):
    """A form with the kind, name, address and events of a channel. An existing channel keeps its kind. It also keeps
    its address, unless the person enters a new address.
    """

    kind = forms.ChoiceField(label="Kind", choices=Channel.Kind.choices)
    name = forms.CharField(label="Name", max_length=120, help_text="A name of your choice.")
    address = forms.CharField(
        label="Address",
        max_length=2048,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
        help_text="The address starts with https://. Surety encrypts it and never shows it again, because anyone who"
        " knows the address can post to the channel.",
    )
    kinds = forms.MultipleChoiceField(
        label="Events",
        choices=EVENTS,
        widget=forms.CheckboxSelectMultiple,
        initial=[key for key, _ in EVENTS],
    )

    def __init__(self, *args: Any, channel: StoredChannel | None = None, **kwargs: Any) -> None:
        if channel is not None:
            kwargs["initial"] = {"name": channel.name, "kinds": channel.kinds}
        super().__init__(*args, **kwargs)
        if channel is not None:
            del self.fields["kind"]
            self.fields["address"].required = False
        if channel is not None and channel.host:
            self.fields["address"].label = "New address"
            self.fields[
                "address"
            ].help_text = f"Leave this field empty to keep the current address at {channel.host}."


class RotationForm(forms.Form):
    """A form with the time for which a replaced signing secret stays valid."""

    hours = forms.ChoiceField(
        label="The current secret",
        choices=[
            ("24", "Stays valid for 24 hours"),
            ("168", "Stays valid for 7 days"),
            ("0", "Ends immediately, because somebody may know it"),
        ],
        help_text="While both secrets are valid, the header webhook-signature has one signature with each of them."
        " The deprecated header Surety-Signature has only a signature with the new secret.",
    )

    @property
    def overlap(self) -> timedelta:
        """Return the time for which the replaced secret stays valid. Use this property only if the form is valid."""
        return timedelta(hours=int(self.cleaned_data["hours"]))


def channel_conflict(
    start: Part, now: Part, typed: Mapping[str, Any], *, last: LastChange | None, without: Sequence[str] = ()
) -> Conflict:
    """Return the values of a channel that somebody else saved in the meantime, and the same values
    merged with the typed values.

    The channel belongs to a customer or a baseline. `typed` is empty if the person wanted to delete the channel.
    """
    given: dict[str, Any] = {"kinds": sorted(typed["kinds"]), "name": typed["name"]} if typed else {}
    if typed.get("address"):
        given["address"] = "typed"
    events = dict(EVENTS)

    def text(name: str, value: Any) -> str:
        if name == "address":
            return {start.get("address"): "Previous address", now["address"]: "Another address"}.get(
                value, "Your new address"
            )
        if name == "kinds":
            return ", ".join(str(events.get(kind, kind)) for kind in value or []) or "none"
        return str(value)

    labels = {"name": "Name", "host": "Host", "address": "Address", "kinds": "Events"}
    return conflict({key: labels[key] for key in labels if key not in without}, start, now, given, last, text)
