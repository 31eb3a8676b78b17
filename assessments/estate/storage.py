"""Facts about storage accounts that several rules share. Pure functions.

Source: https://learn.microsoft.com/rest/api/storagerp/storage-accounts/get-properties
"""

from __future__ import annotations

from assessments.estate.view import View

_CLOSED = frozenset({"disabled", "securedbyperimeter"})
_ACCESS = _CLOSED | {"enabled"}


def kind(account: View) -> str:
    """Return the account's kind in lower case (`storagev2`, `filestorage`), or an empty string if absent."""
    return account.text("kind", default="").casefold()


def holds_blobs(account: View) -> bool:
    """Whether the account has a blob service: every kind except FileStorage."""
    return kind(account) != "filestorage"


def holds_files(account: View) -> bool:
    """Whether the account has a file service.

    Accounts of kind BlobStorage and BlockBlobStorage have no file service. A general-purpose account with a premium
    SKU has none either, because it holds only page blobs: a request for its file service gets 400
    FeatureNotSupportedForAccount. Raise Unreadable if the SKU is premium and the kind is absent. Source:
    https://learn.microsoft.com/azure/storage/common/storage-account-overview
    """
    of = kind(account)
    if of in {"blobstorage", "blockblobstorage"}:
        return False
    sku = account.object("sku", default={}).text("name", default="").casefold()
    if not sku.startswith("premium_"):
        return True
    # Without a kind, a premium account may hold only files or only page blobs.
    return (of or account.text("kind").casefold()) not in {"storage", "storagev2"}


def network_closed(account: View) -> bool:
    """Whether publicNetworkAccess closes the public endpoint. If the property is absent, the endpoint is open."""
    access = account.text("properties.publicNetworkAccess", default="Enabled").casefold()
    if access not in _ACCESS:
        raise account.unreadable("properties.publicNetworkAccess", f"an unknown value ({access!r})")
    return access in _CLOSED


def shared_key_allowed(account: View) -> bool:
    """Whether account keys grant access. If the property is absent, they do."""
    return account.object("properties").flag("allowSharedKeyAccess", default=True)


def anonymous_access_allowed(account: View) -> bool:
    """Whether containers can be opened to anonymous readers. If the property is absent, they can."""
    return account.object("properties").flag("allowBlobPublicAccess", default=True)
