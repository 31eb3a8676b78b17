"""Facts about storage accounts that several controls and collections need. Pure functions.

Source: https://learn.microsoft.com/rest/api/storagerp/storage-accounts/get-properties
"""

from __future__ import annotations

from collections.abc import Iterable

from assessments.estate.estate import Estate
from assessments.estate.view import Undecided, Unreadable, View

# The kinds in the specification of Microsoft.Storage (`Kind`).
_KINDS = frozenset({"storage", "storagev2", "blobstorage", "filestorage", "blockblobstorage"})
# The tiers of SKUs in lower case. The tier is the beginning of the name of a SKU (`SkuName`): `Standard` in
# `Standard_LRS`. An account without a SKU has an empty tier. Only FileStorage accounts have PremiumV2.
_TIERS = frozenset({"", "standard", "standardv2", "premium", "premiumv2"})
_CLOSED = frozenset({"disabled", "securedbyperimeter"})
_SERVICES = ("blob", "file", "queue", "table")
_KEYS_OF_SERVICES = "allowSharedKeyAccessForServices"
_ACCESS = _CLOSED | {"enabled"}


def kind(account: View) -> str:
    """Return the account's kind in lower case (`storagev2`, `filestorage`), or an empty string if absent.

    Raise Unreadable if Surety does not know the kind.
    """
    return account.choice("kind", _KINDS, default="")


def holds_blobs(account: View) -> bool:
    """Return whether the account has a blob service. Accounts of all kinds except FileStorage have a blob service."""
    return kind(account) != "filestorage"


def holds_files(account: View) -> bool:
    """Return whether the account has a file service.

    BlobStorage, BlockBlobStorage and premium general-purpose accounts (page blobs only) have no file service; a request
    for the file service fails with 400 FeatureNotSupportedForAccount. Raise Unreadable for an unknown kind or SKU, or a
    premium SKU without a kind. Source: https://learn.microsoft.com/azure/storage/common/storage-account-overview
    """
    of = kind(account)
    if of in {"blobstorage", "blockblobstorage"}:
        return False
    if of == "filestorage":
        return True
    sku = account.object("sku", default={})
    name = sku.text("name", default="")
    tier = name.partition("_")[0].casefold()
    if tier not in _TIERS:
        raise sku.unknown_value("name", name)
    if tier != "premium":
        return True
    # A premium account may have only files or only page blobs. If its kind is missing, Surety cannot tell, so raise
    # Unreadable.
    return (of or account.text("kind").casefold()) not in {"storage", "storagev2"}


def log_services(account: View) -> list[str]:
    """Return which services of an account have logs that controls judge: the services for blobs, queues and tables, as
    far as the account has them. The services are named as in the API, for example `blobServices`.

    Only general-purpose accounts with a standard SKU have queues and tables. Raise Unreadable for an unknown kind or
    SKU.
    """
    found = ["blobServices"] if holds_blobs(account) else []
    if kind(account) not in {"", "storage", "storagev2"}:
        return found
    sku = account.object("sku", default={})
    name = sku.text("name", default="")
    tier = name.partition("_")[0].casefold()
    if tier not in _TIERS:
        raise sku.unknown_value("name", name)
    return found if tier == "premium" else [*found, "queueServices", "tableServices"]


def services_with_logs(estate: Estate) -> Iterable[str]:
    """Yield the id of each service of `log_services` in each storage account. Surety reads the diagnostic settings of
    these services. Accounts with an unknown kind or SKU are skipped.
    """
    for account in estate.documents("storage_accounts"):
        try:
            services = log_services(account) if account.id else []
        except Unreadable:
            continue
        yield from (f"{account.id}/{service}/default" for service in services)


def may_serve_web_site(account: View) -> bool:
    """Return whether the account may serve a static web site to the Internet. Missing or unknown network settings count
    as open.
    """
    kind = str(account.raw("kind")).casefold()
    access = str(account.raw("properties.publicNetworkAccess")).casefold()
    action = str(account.raw("properties.networkAcls.defaultAction")).casefold()
    is_closed = access == "disabled" or (access != "securedbyperimeter" and action == "deny")
    return kind in {"storagev2", "blockblobstorage"} and not is_closed


def network_closed(account: View) -> bool:
    """Return whether the property publicNetworkAccess closes the public endpoint. If the property is absent, the
    endpoint is open.
    """
    return account.choice("properties.publicNetworkAccess", _ACCESS, default="Enabled") in _CLOSED


def shared_key_allowed(account: View) -> bool:
    """Return whether account keys grant access to a service of the account.

    The account permits keys unless `allowSharedKeyAccess` is false. `allowSharedKeyAccessForServices` can set this for
    single services. Raise Undecided if the account refuses keys but such a setting permits them. Raise Unreadable for
    an invalid property.
    """
    properties = account.object("properties")
    own = _keys_of_services(account)
    if not properties.flag("allowSharedKeyAccess", default=True):
        if any(own.values()):
            raise Undecided(
                account.id,
                f"properties.{_KEYS_OF_SERVICES}",
                "The account refuses access keys, but a service of the account accepts them: Microsoft does not"
                " document which setting applies",
            )
        return False
    return not own or any(own.get(service, True) for service in _services(account))


def services_refusing_keys(account: View) -> list[str]:
    """Return the sorted services, such as `blob`, that refuse account keys because of a setting of their own. Raise
    Unreadable if such a setting is invalid.
    """
    return sorted(service for service, allowed in _keys_of_services(account).items() if not allowed)


def _keys_of_services(account: View) -> dict[str, bool]:
    """Return {service: whether it accepts account keys} for the services with a setting of their own. Raise Unreadable
    if such a setting is invalid.
    """
    settings = account.object("properties").object(_KEYS_OF_SERVICES, default={})
    stated = {service: settings.object(service, default={}) for service in _SERVICES}
    return {service: found.flag("enabled") for service, found in stated.items() if found.has("enabled")}


def _services(account: View) -> set[str]:
    """Return the services that an account has. Raise Unreadable if Surety does not know the kind or the SKU."""
    found = {service.removesuffix("Services") for service in log_services(account)}
    return found | {"file"} if holds_files(account) else found


def anonymous_access_allowed(account: View) -> bool:
    """Return whether containers of the account can be opened to anonymous readers. If the property is absent, they can
    be opened.
    """
    return account.object("properties").flag("allowBlobPublicAccess", default=True)
