"""Facts of storage accounts that several rules share. Pure.

Source: https://learn.microsoft.com/rest/api/storagerp/storage-accounts/get-properties
"""

from __future__ import annotations

from assessments.estate.view import View

_CLOSED = frozenset({"disabled", "securedbyperimeter"})
_ACCESS = _CLOSED | {"enabled"}


def kind(account: View) -> str:
    """The account's kind, folded (`storagev2`, `filestorage`); `` where it is not given."""
    return account.text("kind", default="").casefold()


def holds_blobs(account: View) -> bool:
    """Every kind but FileStorage has a blob service."""
    return kind(account) != "filestorage"


def holds_files(account: View) -> bool:
    """BlobStorage and BlockBlobStorage have no file service."""
    return kind(account) not in {"blobstorage", "blockblobstorage"}


def network_closed(account: View) -> bool:
    """Whether publicNetworkAccess closes the public endpoint altogether; absent means Enabled."""
    access = account.text("properties.publicNetworkAccess", default="Enabled").casefold()
    if access not in _ACCESS:
        raise account.unreadable("properties.publicNetworkAccess", f"{access!r}, which is not known")
    return access in _CLOSED


def shared_key_allowed(account: View) -> bool:
    """Whether account keys open the account; absent means that they do."""
    return account.object("properties").flag("allowSharedKeyAccess", default=True)


def anonymous_access_allowed(account: View) -> bool:
    """Whether containers may be opened to anonymous readers; absent means that they may."""
    return account.object("properties").flag("allowBlobPublicAccess", default=True)
