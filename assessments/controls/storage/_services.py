"""Read the blob and file services of a storage account."""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.verdict import Verdict, not_applicable
from assessments.estate.collection import Collection
from assessments.estate.collections.storage import (
    BLOB_SERVICES,
    FILE_SERVICES,
)
from assessments.estate.services.storage import holds_blobs, holds_files
from assessments.estate.view import View

UPDATE_BLOBS: Final = (
    "az storage account blob-service-properties update --resource-group {group} --account-name {account}"
)
UPDATE_FILES: Final = (
    "az storage account file-service-properties update --resource-group {group} --account-name {account}"
)


def unless_without_blobs(account: View, ctx: Context) -> Verdict | None:
    if holds_blobs(account) and ctx.single(BLOB_SERVICES, account.id) is not None:
        return None
    return not_applicable("The account has no blob service")


def unless_without_files(account: View, ctx: Context) -> Verdict | None:
    # Some accounts have no file service although their kind permits one. For such an account, Azure answers the request
    # for the file service with an error that says “not supported”, so there is no document.
    if holds_files(account) and ctx.single(FILE_SERVICES, account.id) is not None:
        return None
    return not_applicable("The account has no file service")


def service_properties(account: View, ctx: Context, collection: Collection) -> View:
    """Return the properties of the account's blob or file service. Raise CollectionUnavailable or Unreadable if needed
    data could not be read.
    """
    service = ctx.single(collection, account.id)
    if service is None:
        raise account.unreadable(collection.path.removeprefix("{scope}/"), "absent")
    return service.object("properties")
