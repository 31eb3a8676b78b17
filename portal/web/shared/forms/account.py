"""The form of a new account."""

from __future__ import annotations

from django import forms


class AccountForm(forms.Form):
    """A form with the name and password of a new account."""

    name = forms.CharField(
        label="Your name", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label="Password",
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. A few words that have nothing to do with each other are easy to remember.",
    )
