"""Remove credentials from data factories and their linked services. Pure functions.

A linked service holds a credential as `SecureString`, as `encryptedCredential`, or inside a connection string. A
reference to a key vault (`AzureKeyVaultSecret`) is not a credential.
https://learn.microsoft.com/azure/data-factory/store-credentials-in-key-vault
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

CREDENTIALS: Final = "credentialProperties"
"""The property that replaces `typeProperties`. It lists the names of the properties that hold a credential."""
_IN_TEXT: Final = re.compile(
    r"(?:account ?key|shared ?access ?key|shared ?access ?signature|password|pwd|\bsig)\s*=\s*[^;\s]",
    re.IGNORECASE,
)


def without_parameters(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a data factory without its global parameters, whose values are clear text.

    https://learn.microsoft.com/azure/data-factory/author-global-parameters
    """
    properties = body.get("properties")
    if not isinstance(properties, Mapping):
        return body
    kept = {key: value for key, value in properties.items() if key != "globalParameters"}
    return {**body, "properties": kept}


def without_credentials(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a linked service with only its type and, in `CREDENTIALS`, the names of the properties that hold a
    credential.

    If `typeProperties` is not an object, the result lacks `CREDENTIALS`. Then the verdict is unknown.
    """
    properties = body.get("properties")
    if not isinstance(properties, Mapping):
        return body
    kept = {key: value for key, value in properties.items() if key in ("type", CREDENTIALS)}
    settings = properties.get("typeProperties")
    if isinstance(settings, Mapping):
        kept[CREDENTIALS] = sorted(set(_credentials(settings)))
    return {**body, "properties": kept}


def _credentials(value: Any, name: str = "") -> Iterator[str]:
    """Yield the names of the properties that hold a credential, at every depth of `value`. `name` is the name of the
    property whose value is `value`.
    """
    if isinstance(value, Mapping):
        kind = value.get("type")
        if isinstance(kind, str) and kind.casefold() == "securestring":
            yield name
            return
        for key, inner in value.items():
            yield from _credentials(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _credentials(inner, name)
    elif isinstance(value, str) and (
        (name.casefold() == "encryptedcredential" and value) or _IN_TEXT.search(value)
    ):
        yield name
