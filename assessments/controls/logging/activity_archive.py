"""The controls logging-storage-private and logging-storage-cmk of the storage accounts that receive the activity log.

Sources: https://learn.microsoft.com/rest/api/storagerp/storage-accounts/get-properties, and
https://learn.microsoft.com/azure/azure-monitor/platform/activity-log for the container `insights-activity-logs`
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Control, judgements, unknown_from
from assessments.controls.references import References
from assessments.controls.storage.anonymous_access_disallowed import FIX as DISALLOW
from assessments.controls.storage.encryption import CUSTOMER_KEYS
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collection import Collection
from assessments.estate.collections.logging import ACTIVITY_LOG_SETTINGS, FOREIGN_LOG_ACCOUNTS
from assessments.estate.collections.storage import BLOB_CONTAINERS, STORAGE_ACCOUNTS
from assessments.estate.ids import fold
from assessments.estate.services.storage import anonymous_access_allowed, holds_blobs
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix

_CONTAINER: Final = "insights-activity-logs"
_LEVELS: Final = frozenset({"none", "blob", "container"})
_SOURCES: Final = frozenset({"microsoft.storage", "microsoft.keyvault"})

type _Rule = Callable[[View, Context], Verdict]


def _archives(ctx: Context) -> tuple[dict[str, str], CollectionUnavailable | Unreadable | None]:
    """Return {case-folded id: id} of the storage accounts that receive the activity log, and the first read error."""
    settings, gaps = ctx.partial(ACTIVITY_LOG_SETTINGS)
    error: CollectionUnavailable | Unreadable | None = CollectionUnavailable(gaps[0]) if gaps else None
    found: dict[str, str] = {}
    for setting in settings:
        try:
            if identifier := setting.text("properties.storageAccountId", default="").strip():
                found.setdefault(fold(identifier), identifier.rstrip("/"))
        except Unreadable as problem:
            error = error or problem
    return found, error


def _judge_all(ctx: Context, rule: _Rule) -> Iterator[Judgement]:
    found, error = _archives(ctx)
    for key in sorted(found):
        trace = ctx.fresh_trace()
        # The diagnostic settings show that the account receives the log. Read the settings again, so that they are in
        # the evidence on the account.
        _archives(ctx)
        try:
            verdict = _judge(found[key], ctx, rule)
        except (CollectionUnavailable, Unreadable) as problem:
            verdict = unknown_from(problem)
        yield Judgement(found[key], verdict, tuple(entry[0] for entry in trace.reads.values()))
    ctx.fresh_trace()
    if error is not None:
        yield Judgement(ctx.scope_id, unknown_from(error))


def _judge(identifier: str, ctx: Context, rule: _Rule) -> Verdict:
    account = ctx.find(STORAGE_ACCOUNTS, identifier)
    if account is None:
        account = ctx.single(FOREIGN_LOG_ACCOUNTS, identifier)
    if account is None:
        return failed("The storage account no longer exists, so the activity log is lost", exists=False)
    return rule(account, ctx)


def _is_private(account: View, ctx: Context) -> Verdict:
    if not holds_blobs(account):
        return not_applicable("Accounts of kind FileStorage have no blob service")
    setting = account.raw("properties.allowBlobPublicAccess")
    if not anonymous_access_allowed(account):
        return passed("The account disallows anonymous access", allowBlobPublicAccess=setting)
    containers, gap = ctx.partial_at(BLOB_CONTAINERS, account.id)
    for container in containers:
        if container.name.casefold() == _CONTAINER:
            access = container.raw("properties.publicAccess")
            if container.choice("properties.publicAccess", _LEVELS) != "none":
                return failed(
                    "Anybody can read the activity log without signing in",
                    allowBlobPublicAccess=setting,
                    publicAccess=access,
                )
            break
    else:
        if gap is not None:
            raise CollectionUnavailable(gap)
    return passed(
        "The container of the activity log is private",
        remarks=["The account permits anonymous access, so somebody could open the container to everybody"],
        allowBlobPublicAccess=setting,
    )


def _has_customer_key(account: View, ctx: Context) -> Verdict:
    encryption = account.object("properties").object("encryption", default={})
    source = encryption.raw("keySource")
    if encryption.choice("keySource", _SOURCES, default="Microsoft.Storage") == "microsoft.storage":
        return failed("The activity log is encrypted with a Microsoft-managed key", keySource=source)
    encryption.text("keyvaultproperties.keyname")
    return passed("The activity log is encrypted with a customer-managed key", keySource=source)


def _declare(
    name: str,
    rule: _Rule,
    *,
    needs: tuple[Collection, ...] = (),
    fix: Fix,
    severity: Severity,
    labels: Mapping[str, str],
    doc: str,
    references: References,
) -> Control:
    @judgements(
        needs=(ACTIVITY_LOG_SETTINGS, STORAGE_ACCOUNTS, FOREIGN_LOG_ACCOUNTS, *needs),
        fix=fix,
        severity=severity,
        labels=labels,
        subject_type="Microsoft.Storage/storageAccounts",
        empty_reason="The activity log is not written to a storage account",
        slug=f"logging-storage-{name}",
        doc=doc,
        references=references,
    )
    def control(ctx: Context) -> Iterator[Judgement]:
        return _judge_all(ctx, rule)

    return control


CONTROLS = (
    _declare(
        "private",
        _is_private,
        needs=(BLOB_CONTAINERS,),
        fix=DISALLOW,
        severity=Severity.HIGH,
        labels={"publicAccess": "Anonymous access to the container"},
        references=References(c2="5.1.3", mcsb="NS-2*", nist="AC-3*"),
        doc="""The archive of the activity log is not public.

        Problem: Archive of the activity log open to anonymous readers
        Expected: Anonymous visitors cannot read the container of the activity log
        Judged: Each storage account to which a diagnostic setting of the subscription writes the activity log.
        `allowBlobPublicAccess` false passes. True or absent (absent means allowed on older accounts) passes with a
        remark if the container `insights-activity-logs` is private or does not exist, and fails if it is public. An
        account that no longer exists fails. The containers of accounts in other subscriptions are not read, so these
        accounts are unknown unless they disallow anonymous access.
        Why: The activity log shows who manages what, and from which addresses: a plan for an attack.
        """,
    ),
    _declare(
        "cmk",
        _has_customer_key,
        fix=Fix(
            *CUSTOMER_KEYS.steps[1:],
            portal=CUSTOMER_KEYS.portal,
            portal_source=CUSTOMER_KEYS.portal_source,
            cost=CUSTOMER_KEYS.cost,
            effects=CUSTOMER_KEYS.effects,
            variables=list(CUSTOMER_KEYS.variables.values()),
        ),
        severity=Severity.LOW,
        labels={},
        references=References(
            c2="5.1.4", c3="6.1.3", c4="7.1.1.3", c5="6.1.1.3", c6="6.1.1.3", mcsb="DP-5*", nist="SC-28(1)*"
        ),
        doc="""The archive of the activity log uses a customer-managed key.

        Problem: Archive of the activity log without a customer-managed key
        Expected: A customer-managed key encrypts the storage account
        Judged: Each storage account to which a diagnostic setting of the subscription writes the activity log. Passes
        if `encryption.keySource` is Microsoft.Keyvault and names a key. If the property is absent, Microsoft manages
        the key. An account that no longer exists fails.
        Why: Without a key of its own, the customer can neither revoke access to the log nor see who uses the key.
        """,
    ),
)
