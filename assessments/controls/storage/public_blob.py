"""storage-public-blob."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import References, per_subject
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import BLOB_CONTAINERS, BLOB_SERVICES, STORAGE_ACCOUNTS
from assessments.estate.storage import anonymous_access_allowed, holds_blobs, network_closed
from assessments.estate.view import Unreadable, View

_SERVED = "$web is a static web site, which is served whatever the access level says"


@per_subject(
    STORAGE_ACCOUNTS,
    needs=[BLOB_CONTAINERS],
    optional=[BLOB_SERVICES],
    problem="Blob container open to anonymous readers",
    severity=Severity.HIGH,
    expected="no container has the public access level Blob or Container",
    references=References(mcsb="NS-2", nist="AC-4 SC-7 SC-7(3)"),
)
def public_blob(account: View, ctx: Context) -> Verdict:
    """No blob container is open to anonymous readers unless it is meant to be.

    Judged: each storage account with a blob service. `allowBlobPublicAccess` false passes; true or
    absent (allowed on older accounts) passes only where no container has the public access level Blob
    or Container. A public web site is a case for an exception. A static web site (container $web) is
    served whatever these settings say, as far as the account's network rules let anybody in: a remark.
    Why: everyone who knows or guesses the address reads such blobs; at the level Container everyone can
    list them as well.
    Fix: az storage container set-permission --account-name ACCOUNT -n CONTAINER --public-access off
    """
    if not holds_blobs(account):
        return not_applicable("accounts of the kind FileStorage have no blob service")
    if not anonymous_access_allowed(account):
        remarks = _web_site(account, ctx)
        return passed("the account refuses anonymous readers", remarks=remarks, allowBlobPublicAccess=False)
    containers, gap = ctx.partial_at(BLOB_CONTAINERS, account.id)
    levels, problem = _public(containers)
    remarks = [_SERVED] if any(container.name == "$web" for container in containers) else []
    stated = account.raw("properties.allowBlobPublicAccess")
    if levels:
        if _surely_closed(account):
            remarks.append("the account's network settings close its public endpoint at present")
        names = ", ".join(f"{name} ({level})" for name, level in levels.items())
        return failed(
            f"open to anonymous readers: {names}",
            remarks=remarks,
            publicContainers=[{"container": name, "access": level} for name, level in levels.items()],
            allowBlobPublicAccess=stated,
        )
    if gap:
        raise CollectionUnavailable(gap)
    if problem:
        raise problem
    return passed(
        "no container is public", remarks=remarks, publicContainers=[], allowBlobPublicAccess=stated
    )


def _web_site(account: View, ctx: Context) -> list[str]:
    """A remark on the static web site of an account whose containers are not listed."""
    answer = ctx.estate.answer(BLOB_SERVICES.name, account.id)
    if answer is None:
        return []  # nobody but its own networks could read one
    try:
        service = ctx.single(BLOB_SERVICES, account.id)
        site = service.object("properties.staticWebsite", default={}) if service else None
        return [_SERVED] if site is not None and site.flag("enabled", default=False) else []
    except (CollectionUnavailable, Unreadable):
        return ["whether a static web site is served from it could not be read"]


def _public(containers: list[View]) -> tuple[dict[str, str], Unreadable | None]:
    """{container: Blob or Container} by name, and what could not be read."""
    levels: dict[str, str] = {}
    problem: Unreadable | None = None
    for container in sorted(containers, key=lambda view: view.name):
        try:
            level = container.text("properties.publicAccess")
            if level.casefold() not in {"none", "blob", "container"}:
                raise container.unreadable("properties.publicAccess", f"{level!r}, which is not known")
        except Unreadable as error:
            problem = problem or error
            continue
        if level.casefold() != "none":
            levels[container.name] = level
    return levels, problem


def _surely_closed(account: View) -> bool:
    try:
        return network_closed(account)
    except Unreadable:
        # It only decides a remark.
        return False
