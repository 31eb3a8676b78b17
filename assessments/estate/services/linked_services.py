"""Remove credentials from data factories and their linked services. Pure functions.

A linked service holds a credential as `SecureString`, as `encryptedCredential`, or inside a connection string. Two
values do not count as credentials: a reference to a key vault (`AzureKeyVaultSecret`), and a parameter of the linked
service that has no default value.
https://learn.microsoft.com/azure/data-factory/store-credentials-in-key-vault
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

CREDENTIALS: Final = "credentialProperties"
"""Surety stores this property instead of `typeProperties`: the names of properties that hold a credential."""
_IN_TEXT: Final = re.compile(
    r"(?:account ?key|shared ?access ?key|shared ?access ?signature|password|pwd|\bsig)\s*=\s*[^;\s]",
    re.IGNORECASE,
)
# An expression that takes the value of a parameter of the linked service, inside a text or as the whole text.
# https://learn.microsoft.com/azure/data-factory/parameterize-linked-services
_OF_PARAMETER: Final = re.compile(
    r"@\{\s*linkedService\(\)\.(\w+)\s*\}|\A@linkedService\(\)\.(\w+)\Z", re.IGNORECASE
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
        kept[CREDENTIALS] = sorted(set(_credentials(settings, _with_default(properties.get("parameters")))))
    return {**body, "properties": kept}


def _with_default(parameters: Any) -> frozenset[str]:
    """Return the names of the parameters of a linked service that have a default value, in lower case."""
    if not isinstance(parameters, Mapping):
        return frozenset()
    return frozenset(
        str(name).casefold()
        for name, one in parameters.items()
        if not isinstance(one, Mapping) or one.get("defaultValue") not in (None, "")
    )


def _own_text(text: str, defaults: frozenset[str]) -> str:
    """Return a text without the expressions that take the value of a parameter. Expressions of parameters with a
    default value remain, because the linked service contains this value, which may be a credential.
    """
    return _OF_PARAMETER.sub(
        lambda found: found[0] if (found[1] or found[2]).casefold() in defaults else "", text
    )


def _credentials(value: Any, defaults: frozenset[str], name: str = "") -> Iterator[str]:
    """Yield the names of the properties that hold a credential, at every depth of `value`. `value` is the value of
    the property `name`. `defaults` are the names of the parameters with a default value, in lower case.
    """
    if isinstance(value, Mapping):
        kind = value.get("type")
        if isinstance(kind, str) and kind.casefold() == "securestring":
            secret = value.get("value")
            if not isinstance(secret, str) or not secret or _own_text(secret, defaults):
                yield name
            return
        for key, inner in value.items():
            yield from _credentials(inner, defaults, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _credentials(inner, defaults, name)
    elif isinstance(value, str) and (
        (name.casefold() == "encryptedcredential" and value) or _IN_TEXT.search(_own_text(value, defaults))
    ):
        yield name
