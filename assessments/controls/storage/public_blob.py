"""The control storage-public-blob: No blob container is open to anonymous readers."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_subject
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import BLOB_CONTAINERS, BLOB_SERVICES, STORAGE_ACCOUNTS
from assessments.estate.services.storage import (
    anonymous_access_allowed,
    holds_blobs,
    may_serve_web_site,
    network_closed,
)
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import Variable

_SITE_SINCE = BLOB_SERVICES.later_properties["properties.staticWebsite"]
_CLOSED_NOW = "Public network access is off now, so only a network security perimeter could let readers in"
_SITE_UNKNOWN = "Could not check whether the account serves a static web site"
_STATIC_SITE = "$web is a static web site, which is served regardless of the access level"


FIX = Fix(
    command(
        "az storage container-rm update --resource-group {group} --storage-account {account} --name {container}"
        " --public-access off --subscription {subscription}",
        each=lambda facts: [
            {"container": str(row.get("container", ""))} for row in facts.rows("publicContainers")
        ],
    ),
    portal="Azure portal › Storage accounts › {account} › Data storage › Containers › the container › Change"
    " access level › Private",
    portal_source="https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-configure",
    effects="Visitors without credentials can no longer read the blobs of the container.",
    variables=[Variable("container", "Name of the container that anonymous visitors can read", "images")],
)


@per_subject(
    STORAGE_ACCOUNTS,
    needs=[BLOB_CONTAINERS],
    optional=[BLOB_SERVICES],
    fix=FIX,
    severity=Severity.HIGH,
    expects={"publicContainers": ()},
    references=References(mcsb="NS-2", nist="AC-4 SC-7 SC-7(3)"),
)
def public_blob(account: View, ctx: Context) -> Verdict:
    """No blob container is open to anonymous readers.

    Problem: Blob container open to anonymous readers
    Expected: No container has the public access level Blob or Container
    Judged: Each storage account with a blob service. `allowBlobPublicAccess` false passes. True or absent
    (absent means allowed on older accounts) passes only if no container has the public access level Blob or Container.
    Request an exception for a public web site. A static web site (container $web) is served regardless of
    these settings, as far as the network rules of the account allow it, and adds a remark.
    Why: Anyone who knows or guesses the address can read such blobs. At the level Container, anyone can
    list them too.
    """
    if not holds_blobs(account):
        return not_applicable("Accounts of kind FileStorage have no blob service")
    if not anonymous_access_allowed(account):
        remarks = _static_site_remarks(account, ctx)
        return passed("The account disallows anonymous access", remarks=remarks, allowBlobPublicAccess=False)
    containers, gap = ctx.partial_at(BLOB_CONTAINERS, account.id)
    levels, first_error = _public_levels(containers)
    remarks = [_STATIC_SITE] if any(container.name == "$web" for container in containers) else []
    setting = account.raw("properties.allowBlobPublicAccess")
    if levels:
        if _is_certainly_closed(account):
            remarks.append(_CLOSED_NOW)
        names = ", ".join(f"{name} ({level})" for name, level in levels.items())
        return failed(
            f"Containers open to anonymous readers: {names}",
            remarks=remarks,
            publicContainers=[{"container": name, "access": level} for name, level in levels.items()],
            allowBlobPublicAccess=setting,
        )
    if gap:
        raise CollectionUnavailable(gap)
    if first_error:
        raise first_error
    return passed(
        "No container is public", remarks=remarks, publicContainers=[], allowBlobPublicAccess=setting
    )


def _static_site_remarks(account: View, ctx: Context) -> list[str]:
    """Return a remark if the account serves a static web site, or if Surety cannot tell."""
    if not may_serve_web_site(account):
        # The kind or the network rules of the account rule out a static web site that everybody can read.
        return []
    try:
        service = ctx.single(BLOB_SERVICES, account.id)
        site = service.object("properties.staticWebsite", default={}) if service else None
        if site is not None and site.flag("enabled", default=False):
            return [_STATIC_SITE]
    except (CollectionUnavailable, Unreadable):
        return [_SITE_UNKNOWN]
    # Answers of older api-versions lack `staticWebsite`, so they do not show whether there is a static web site.
    is_older = service is not None and "" < service.api_version < _SITE_SINCE
    return [_SITE_UNKNOWN] if is_older else []


def _public_levels(containers: list[View]) -> tuple[dict[str, str], Unreadable | None]:
    """Return the access level of each public container; the keys are the sorted names of the containers. Also return
    the first read error, or None.
    """
    levels: dict[str, str] = {}
    first_error: Unreadable | None = None
    for container in sorted(containers, key=lambda view: view.name):
        try:
            level = container.text("properties.publicAccess")
            if level.casefold() not in {"none", "blob", "container"}:
                raise container.unknown_value("properties.publicAccess", level)
        except Unreadable as error:
            first_error = first_error or error
            continue
        if level.casefold() != "none":
            levels[container.name] = level
    return levels, first_error


def _is_certainly_closed(account: View) -> bool:
    try:
        return network_closed(account)
    except Unreadable:
        # The result affects only a remark, so an unreadable setting is not an error.
        return False
