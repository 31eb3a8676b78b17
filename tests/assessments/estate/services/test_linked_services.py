"""Of a linked service, only the type and the names of properties with a credential are stored."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.estate.collections import ALL
from assessments.estate.services.linked_services import CREDENTIALS, without_credentials, without_parameters

VAULT = {"type": "AzureKeyVaultSecret", "secretName": "s", "store": {"referenceName": "kv"}}
SQL = "Server=tcp:sql-shop.database.windows.net;Initial Catalog=orders"


def held(settings: Any) -> Any:
    body = {"name": "link", "properties": {"type": "AzureSqlDatabase", "typeProperties": settings}}
    return without_credentials(body)["properties"].get(CREDENTIALS)


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"connectionString": SQL}, []),
        ({"connectionString": SQL, "password": VAULT}, []),
        ({"connectionString": VAULT}, []),
        ({"baseUrl": "https://kv-shop.vault.azure.net/"}, []),
        ({"connectionString": f"{SQL};Password=x"}, ["connectionString"]),
        ({"connectionString": "AccountName=st;AccountKey=x=="}, ["connectionString"]),
        ({"connectionString": f"{SQL};pwd = x"}, ["connectionString"]),
        ({"connectionString": f"{SQL};Password=;"}, []),
        ({"sasUri": "https://st.blob.core.windows.net/c?sv=1&sig=x"}, ["sasUri"]),
        ({"password": {"type": "securestring", "value": "*****"}}, ["password"]),
        ({"auth": [{"token": {"type": "SecureString"}}]}, ["token"]),
        ({"encryptedCredential": "ew0K"}, ["encryptedCredential"]),
        ({"encryptedCredential": ""}, []),
        ({"userName": "password", "port": 22, "useSsl": True, "file": None}, []),
    ],
)
def test_the_properties_with_a_credential_are_named(settings: Any, names: list[str]) -> None:
    assert held(settings) == names


@pytest.mark.parametrize(
    ("default", "names"),
    [
        ({}, []),
        ({"defaultValue": ""}, []),
        ({"defaultValue": "x"}, ["connectionString", "password", "secret"]),
    ],
)
def test_the_value_of_a_parameter_is_a_credential_only_with_a_default_value(
    default: Any, names: list[str]
) -> None:
    body = {
        "properties": {
            "parameters": {"Pw": {"type": "String", **default}},
            "typeProperties": {
                "connectionString": f"{SQL};Password=@{{linkedService().pw}};Encrypt=true",
                "password": {"type": "SecureString", "value": "@{linkedService().pw}"},
                "secret": {"type": "SecureString", "value": "@linkedService().pw"},
            },
        }
    }
    assert without_credentials(body)["properties"][CREDENTIALS] == names


def test_a_text_beside_a_parameter_is_a_credential() -> None:
    assert held({"connectionString": f"{SQL};Password=x@{{linkedService().pw}}"}) == ["connectionString"]
    assert held({"connectionString": "Password=@{linkedService().a};AccountKey=x"}) == ["connectionString"]
    assert held({"password": {"type": "SecureString", "value": "x@{linkedService().pw}"}}) == ["password"]


def test_nothing_else_is_kept() -> None:
    body = {
        "id": "/linkedservices/link",
        "name": "link",
        "properties": {
            "type": "AzureStorage",
            "description": "the password is x",
            "parameters": {"key": {"type": "SecureString", "defaultValue": "x"}},
            "typeProperties": {"connectionString": "AccountKey=x"},
        },
    }
    kept = without_credentials(body)
    assert kept == {
        "id": "/linkedservices/link",
        "name": "link",
        "properties": {"type": "AzureStorage", CREDENTIALS: ["connectionString"]},
    }
    assert without_credentials(kept) == kept


@pytest.mark.parametrize("settings", [None, "AccountKey=x", ["AccountKey=x"]])
def test_settings_of_another_shape_leave_the_verdict_unknown(settings: Any) -> None:
    assert held(settings) is None


def test_global_parameters_of_data_factories_are_not_stored() -> None:
    access = {"publicNetworkAccess": "Disabled"}
    body = {
        "properties": {**access, "globalParameters": {"password": {"type": "String", "value": "hunter2"}}}
    }
    assert ALL["data_factories"].prepare is without_parameters
    assert without_parameters(body) == {"properties": access}
    assert without_parameters({"properties": None}) == {"properties": None}
