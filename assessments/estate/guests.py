"""Guests and where they come from. Pure.

Source: https://learn.microsoft.com/entra/external-id/user-properties: the user principal name of a guest is
its address at home with `_` for `@`, then `#EXT#` and the inviting directory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_EXTERNAL = "#ext#"


def signs_in_elsewhere(principal_name: str) -> bool:
    """Whether the account's home is another directory, or none."""
    return _EXTERNAL in principal_name.casefold()


def home_domain(principal_name: str) -> str:
    """`partner.example` of `ada_partner.example#EXT#@contoso.onmicrosoft.com`; `` where there is none."""
    home, mark, _ = principal_name.casefold().partition(_EXTERNAL)
    # Domain names hold no underscore, addresses before the @ may.
    domain = home.rpartition("_")[2] if mark and "_" in home else ""
    return domain if "." in domain and all(c.isalnum() or c in ".-" for c in domain) else ""


def named_by_tenant(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A Graph object about a directory: Graph gives it no `id` but its `tenantId`."""
    return {"id": body["tenantId"], **body} if "tenantId" in body else body
