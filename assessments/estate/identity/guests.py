"""Find the home directories of guests. Pure functions.

The user principal name of a guest is the guest's email address with `_` instead of `@`, followed by `#EXT#` and the
inviting directory. Source: https://learn.microsoft.com/entra/external-id/user-properties
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_EXTERNAL = "#ext#"


def signs_in_elsewhere(principal_name: str) -> bool:
    """Return whether the person signs in to another directory, or with an account outside of all directories, such as a
    Google account.
    """
    return _EXTERNAL in principal_name.casefold()


def home_domain(principal_name: str) -> str:
    """Return `partner.example` for `ada_partner.example#EXT#@contoso.onmicrosoft.com`, or an empty string for other
    names."""
    home, mark, _ = principal_name.casefold().partition(_EXTERNAL)
    # Unlike the part before the @, a domain name contains no underscore.
    domain = home.rpartition("_")[2] if mark and "_" in home else ""
    return domain if "." in domain and all(c.isalnum() or c in ".-" for c in domain) else ""


def home_address(principal_name: str) -> str:
    """Return `ada@partner.example` for `ada_partner.example#EXT#@contoso.onmicrosoft.com`. Return any other name as it
    is, but in lower case.
    """
    domain = home_domain(principal_name)
    if not domain:
        return principal_name.casefold()
    home = principal_name.casefold().partition(_EXTERNAL)[0]
    return f"{home.removesuffix(f'_{domain}')}@{domain}"


def named_by_tenant(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add an `id` to a Graph object about a directory, because such an object has only a `tenantId`."""
    return {"id": body["tenantId"], **body} if "tenantId" in body else body
