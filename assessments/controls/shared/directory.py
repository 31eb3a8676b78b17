"""Read lists and settings that every directory has, and the domains of a directory.

A directory always has an administrator and its initial domain, `<name>.onmicrosoft.com`. So an empty list of users or
domains shows that Graph did not return everything. Source: https://learn.microsoft.com/entra/identity/users/domains-manage
"""

from __future__ import annotations

from collections.abc import Sequence

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.verdict import Verdict, unknown
from assessments.estate.collection import Collection
from assessments.estate.collections.directory import DOMAINS, SECURITY_DEFAULTS, USERS
from assessments.estate.gaps import Gap, Reason
from assessments.estate.view import Unreadable, View

_ONE = {USERS.name: "user", DOMAINS.name: "domain"}
_AUTHENTICATION_TYPES = frozenset({"managed", "federated"})


def without_documents(collection: Collection, documents: Sequence[View]) -> Verdict | None:
    """Return an unknown verdict if the list of users or domains from Microsoft Graph is empty, otherwise None."""
    if documents:
        return None
    text = f"Microsoft Graph returned no {_ONE[collection.name]}, but every directory has one"
    return unknown(text, Reason.NOT_FOUND)


def is_federated(domain: View) -> bool:
    """Return whether another identity provider signs in the users of a domain. Raise Unreadable for an unknown type.

    https://learn.microsoft.com/graph/api/resources/domain names two types: Managed and Federated.
    """
    return domain.choice("authenticationType", _AUTHENTICATION_TYPES) == "federated"


def directory_setting(ctx: Context, collection: Collection) -> View:
    """Return the only document of a setting that every directory has. Raise CollectionUnavailable if there is no such
    document.
    """
    document = ctx.single(collection, "")
    if document is None:
        gap = Gap(collection.name, "", Reason.NOT_FOUND, permission=collection.permission)
        raise CollectionUnavailable(gap)
    return document


def read_security_defaults(ctx: Context) -> tuple[bool, CollectionUnavailable | Unreadable | None]:
    """Return (whether security defaults are on, the error if the setting could not be read)."""
    try:
        return directory_setting(ctx, SECURITY_DEFAULTS).flag("isEnabled"), None
    except (CollectionUnavailable, Unreadable) as error:
        return False, error
