"""The fields of the IDs of a directory and of an application."""

from __future__ import annotations

from typing import Any

from django import forms

WHERE = (
    "Enter the ID of the directory, such as 0f8b6c1e-2a4d-4c3b-9e5f-7a1d2c3b4e5f. Entra admin center › Overview"
    " shows it as “Tenant ID”. The command “az account show --query tenantId --output tsv” also prints it."
)
DOMAIN = "“{text}” is a domain name of the directory, not its ID. " + WHERE
APPLICATION = (
    "Enter the client ID of the application, such as 0f8b6c1e-2a4d-4c3b-9e5f-7a1d2c3b4e5f. Entra admin center › App"
    " registrations shows it as “Application (client) ID”. The Azure CLI prints it as “appId”."
)


class DirectoryIdField(forms.UUIDField):
    """A form field for the ID of a directory. If somebody enters anything else, such as a domain name, the error
    message says where to find the ID.
    """

    default_error_messages = {"invalid": WHERE}

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if "." in text and not any(character.isspace() for character in text):
            raise forms.ValidationError(DOMAIN.format(text=text[:80]), code="domain")
        return super().to_python(value)


class ClientIdField(forms.UUIDField):
    """A form field for the client ID of an application. The error message says where to find the ID."""

    default_error_messages = {"invalid": APPLICATION}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Client ID",
            help_text="The Azure CLI calls this ID “appId”. It is not the object ID.",
            **kwargs,
        )
