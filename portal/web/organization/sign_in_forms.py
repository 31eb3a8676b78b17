"""Define forms about sign-in: the organization's policy, and one person's account."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.conf import settings

from portal.accounts.sso import id_token, identity
from tenants.ids import parse_uuid
from tenants.roles import Role
from tenants.values.stale_values import Part

_DOMAIN: Final = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
MIN_IDLE_MINUTES: Final = 5


class SignInPolicyForm(forms.Form):
    """A form with the organization's requirements for signing in."""

    second_factor_roles = forms.MultipleChoiceField(
        label="Roles that need a second factor",
        required=False,
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    sso_counts_as_second_factor = forms.BooleanField(
        label="Single sign-on counts as a second factor",
        required=False,
        help_text="Choose this only if your identity provider always asks for a second factor.",
    )
    sso_domains = forms.CharField(
        label="Domains that must use single sign-on",
        required=False,
        help_text="Domains separated by commas, such as contoso.com. A person whose email address has one of these"
        " domains cannot sign in with a password or passkey. People who also have a role in another"
        " organization are exempt, unless the operator of Surety has verified that your organization owns the"
        " domain.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    session_idle_minutes = forms.IntegerField(
        label="Sign out after inactivity (minutes)", required=False, min_value=MIN_IDLE_MINUTES
    )
    session_hours = forms.IntegerField(label="Maximum session length (hours)", required=False, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limits = {
            "session_idle_minutes": settings.SURETY_SESSION_IDLE_MINUTES,
            "session_hours": settings.SURETY_SESSION_HOURS,
        }
        for name, limit in limits.items():
            field = self.fields[name]
            assert isinstance(field, forms.IntegerField)
            field.max_value = limit
            field.help_text = (
                f"At most {limit}, which is the limit of this installation. If this field is empty, this limit"
                " applies."
            )
            field.error_messages["max_value"] = f"Enter at most {limit}."
            field.validators = [*field.validators, forms.IntegerField(max_value=limit).validators[-1]]

    @classmethod
    def of(cls, policy: Part) -> SignInPolicyForm:
        """Return the form, filled in with the policy (result of `tenants.actions.sign_in_policy.policy_part`)."""
        return cls(initial={**policy, "sso_domains": ", ".join(policy["sso_domains"])})

    def part(self) -> Part:
        """Return the policy that the form contains. The form must be valid."""
        return {**self.cleaned_data, "second_factor_roles": sorted(self.cleaned_data["second_factor_roles"])}

    def text(self, name: str, value: Any) -> str:
        """Return the value of the policy's field `name` in words."""
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if isinstance(value, list):
            roles = dict(Role.choices) if name == "second_factor_roles" else {}
            return ", ".join(str(roles.get(word, word)) for word in value) or "none"
        return "The limit of this installation" if value is None else str(value)

    def clean_sso_domains(self) -> list[str]:
        words = re.split(r"[\s,;]+", self.cleaned_data["sso_domains"].lower())
        domains = sorted({word.lstrip("@") for word in words if word})
        if wrong := [domain for domain in domains if not _DOMAIN.fullmatch(domain)]:
            raise forms.ValidationError(f"“{wrong[0]}” is not a domain. Enter domains such as contoso.com.")
        return domains


class AddressForm(forms.Form):
    """A form with the new email address of a person."""

    value = forms.EmailField(
        label="New email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="Surety mails a link to the new address. The current address remains valid until the person opens"
        " the link.",
    )


class IdentityForm(forms.Form):
    """A form with a person's identity at the identity provider: the object ID for Entra, the subject for other
    providers.
    """

    value = forms.CharField(label="Object ID", max_length=200, strip=True)
    directory = forms.CharField(label="Directory ID", max_length=36, strip=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if id_token.is_entra(settings.SURETY_OIDC_ISSUER):
            self.fields["value"].help_text = (
                "The user’s object ID, such as 0f8b6c1e-2a4d-4c3b-9e5f-7a1d2c3b4e5f. Entra shows it under Users,"
                " Overview."
            )
            self.fields["directory"].initial = id_token.directory_of(settings.SURETY_OIDC_ISSUER)
        else:
            self.fields["value"].label = "Subject"
            self.fields["value"].help_text = "The value of the claim “sub” for this person."
            del self.fields["directory"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "directory" not in self.fields:
            if data.get("value"):
                data["value"] = identity.of_subject(settings.SURETY_OIDC_ISSUER, data["value"])
            return data
        for name in ("value", "directory"):
            if data.get(name) and parse_uuid(data[name]) is None:
                self.add_error(name, "Enter an ID such as 00000000-0000-0000-0000-000000000000.")
        directory, user = parse_uuid(data.get("directory")), parse_uuid(data.get("value"))
        if directory and user:
            data["value"] = identity.of_entra(str(directory), str(user))
        return data
