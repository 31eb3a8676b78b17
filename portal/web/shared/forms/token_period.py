"""Define the field for the time during which a new token is valid."""

from __future__ import annotations

from typing import Any, Final

from django import forms

_DAYS: Final = (7, 30, 90, 180, 365)


class TokenPeriodField(forms.TypedChoiceField):
    """A choice of the number of days for which a token is valid."""

    def __init__(self, **more: Any) -> None:
        choices = [(days, f"{days} days") for days in _DAYS]
        super().__init__(label="Valid for", choices=choices, coerce=int, initial=90, **more)
