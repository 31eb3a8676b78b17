"""Read the validity of keys and secrets of key vaults, and find the keys and secrets that belong to a certificate.

Azure states times as seconds since 1970. Source:
keyvault/resource-manager/Microsoft.KeyVault/KeyVault/stable/2026-02-01/openapi.json (KeyAttributes, SecretAttributes)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from assessments.estate.view import View


def attributes_of(item: View) -> View:
    """Return the attributes of a key or a secret. Raise Unreadable if a needed property cannot be read."""
    return item.object("properties").object("attributes")


def moment(attributes: View, name: str) -> datetime | None:
    """Return the value of an attribute as a time, or None if the attribute is absent. Raise Unreadable if the value is
    not a time.
    """
    if not attributes.has(name):
        return None
    seconds = attributes.number(name)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise attributes.unreadable(name, "not a time") from None


def belongs_to_certificate(item: View, others: Mapping[str, View]) -> bool:
    """Return whether a key or secret seems to belong to a certificate. Raise Unreadable if an expiration date cannot be
    read.

    Azure Resource Manager does not list certificates. But each certificate has a key and a secret, both with the name
    and the expiration date of the certificate. `others` is the result of `by_name`. It contains the secrets of the
    vault if `item` is a key, and the keys of the vault if `item` is a secret.
    https://learn.microsoft.com/azure/key-vault/certificates/about-certificates
    """
    other = others.get(item.name.casefold())
    if other is None:
        return False
    expires = moment(attributes_of(item), "exp")
    return expires is not None and expires == moment(attributes_of(other), "exp")


def by_name(items: Iterable[View]) -> dict[str, View]:
    """Return the items by their name in lower case."""
    return {item.name.casefold(): item for item in items}
