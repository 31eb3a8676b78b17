"""Define the forms of service accounts, of their tokens and of their client secrets. The actions check the values."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from portal.accounts.actions.api_tokens import MAX_NAME, limit_text, right_choices
from portal.accounts.actions.service_accounts import (
    MAX_PURPOSE,
    possible_responsible,
    rights_of,
    usual_rights,
)
from portal.web.components.form_parts import set_choices
from portal.web.shared.forms.token_period import TokenPeriodField
from tenants.models import Organization, Person, ServiceAccount, Tenant
from tenants.roles import ORGANIZATION_ROLES, SERVICE_ROLES, Role

RESPONSIBLE: Final = (
    "The person who answers questions about the program. This person cannot approve exceptions that the program"
    " requests."
)


class ChangeForm(forms.Form):
    """A form with the purpose, the responsible person, the role and the customers of a service account."""

    purpose = forms.CharField(
        max_length=MAX_PURPOSE, help_text="What the program does, for example “Reads findings every night”."
    )
    responsible = forms.ChoiceField(
        label="Person responsible",
        help_text=f"{RESPONSIBLE} If you choose another person, all tokens and client secrets of the account are"
        " revoked.",
    )
    role = forms.ChoiceField(
        choices=[
            (
                role.value,
                f"{role.label} ({'all customers' if role in ORGANIZATION_ROLES else 'some customers'})",
            )
            for role in SERVICE_ROLES
        ],
        initial=Role.AUDITOR,
        help_text="No role lets a program approve exceptions, manage people or manage tokens. A service account with"
        " the role Auditor reads all records of its customers, because service accounts have no review period.",
    )
    customers = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose customers for the roles Customer administrator and Auditor. The role Organization engineer"
        " applies to all customers.",
    )

    def __init__(self, organization: Organization, tenants: list[Tenant], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._people = {str(one.pk): one for one in possible_responsible(organization)}
        self._tenants = {one.slug: one for one in tenants}
        people = [(pk, f"{one.get_full_name()} ({one.email})") for pk, one in self._people.items()]
        set_choices(self, "responsible", [("", "Choose a person"), *people])
        set_choices(self, "customers", [(slug, one.name) for slug, one in self._tenants.items()])

    def values(self) -> dict[str, Any]:
        """Return the values as arguments of the actions that create and change an account. The form must be valid."""
        data = self.cleaned_data
        person: Person = self._people[data["responsible"]]
        return {
            **{name: data[name] for name in ("name", "purpose") if name in data},
            "role": Role(data["role"]),
            "responsible": person,
            "tenants": [self._tenants[slug] for slug in data["customers"]] or None,
        }


class AddForm(ChangeForm):
    """A form that creates a service account."""

    name = forms.CharField(
        max_length=MAX_NAME,
        help_text="The name of the program, for example “Data warehouse”. The journal shows this name, which cannot"
        " be changed later.",
    )

    field_order = ("name", "purpose", "responsible", "role", "customers")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["responsible"].help_text = RESPONSIBLE


class TokenForm(forms.Form):
    """A form that creates a token of a service account."""

    name = forms.CharField(
        max_length=MAX_NAME, help_text="The place where the token is stored, for example “Production server”."
    )
    days = TokenPeriodField()
    capabilities = forms.MultipleChoiceField(
        label="Rights",
        widget=forms.CheckboxSelectMultiple,
        help_text="The names in parentheses are those that the API uses.",
        error_messages={"required": "Choose at least one right."},
    )

    def __init__(self, account: ServiceAccount, data: Any = None) -> None:
        held = rights_of(Role(account.role))
        usual = usual_rights(Role(account.role))
        super().__init__(data, initial={"capabilities": [str(one) for one in usual]})
        self.fields["days"].help_text = limit_text(held)
        set_choices(self, "capabilities", right_choices(held))


class SecretForm(TokenForm):
    """A form that creates a client secret of a service account."""

    def __init__(self, account: ServiceAccount, data: Any = None) -> None:
        super().__init__(account, data)
        # The page also has the form of a new token, so the fields of the two forms need different ids.
        self.auto_id = "id_secret_%s"
        self.fields["name"].help_text = "The place where the secret is stored, for example “Build pipeline”."
        self.fields[
            "capabilities"
        ].help_text = "The access tokens that a program requests with this secret have at most these rights."
