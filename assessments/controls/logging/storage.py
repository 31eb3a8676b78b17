"""The controls logging-storage-encryption and logging-storage-secure-transfer of storage accounts that receive logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Control, judgements, unknown_from
from assessments.controls.references import Partly, References
from assessments.controls.storage.encryption import CUSTOMER_KEYS, service_encryption
from assessments.controls.storage.secure_transfer import HTTPS_FIX, https_only
from assessments.controls.verdict import Judgement, Outcome, Severity, Verdict, not_applicable, unknown
from assessments.estate.collection import Collection
from assessments.estate.collections.logging import ACTIVITY_LOG_SETTINGS, FOREIGN_LOG_ACCOUNTS
from assessments.estate.collections.network import FLOW_LOGS
from assessments.estate.collections.sql import SQL_AUDIT_SETTINGS, SQL_DATABASE_AUDITING, SQL_SERVER_AUDITING
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold, name_of
from assessments.estate.logs.log_sinks import account_name
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix

_ID_SOURCES = (
    (ACTIVITY_LOG_SETTINGS, "properties.storageAccountId"),
    (FLOW_LOGS, "properties.storageId"),
    (SQL_AUDIT_SETTINGS, "properties.storageAccountId"),
)
_ENDPOINT_SOURCES = (SQL_SERVER_AUDITING, SQL_DATABASE_AUDITING)
_NEEDS = (
    *(entry[0] for entry in _ID_SOURCES),
    *_ENDPOINT_SOURCES,
    STORAGE_ACCOUNTS,
    FOREIGN_LOG_ACCOUNTS,
)


@dataclass(slots=True)
class _LogAccounts:
    """The storage accounts that receive logs, and the errors that may hide further accounts.

    `ids` is {case-folded id: id as Azure spells it}. `names` contains the names of further accounts, whose ids are
    unknown because auditing policies of Azure SQL state only the endpoint.
    """

    ids: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    errors: list[CollectionUnavailable | Unreadable] = field(default_factory=list)

    def add(self, identifier: str) -> None:
        """Add an account by its id."""
        if identifier:
            self.ids.setdefault(fold(identifier), identifier.rstrip("/"))


def _log_accounts(ctx: Context) -> _LogAccounts:
    found = _LogAccounts()
    for collection, path in _ID_SOURCES:
        for document in _documents(ctx, collection, found):
            try:
                found.add(document.text(path, default="").strip())
            except Unreadable as error:
                found.errors.append(error)
    for collection in _ENDPOINT_SOURCES:
        for document in _documents(ctx, collection, found):
            try:
                if document.text("properties.state").casefold() == "enabled":
                    found.names.add(account_name(document.text("properties.storageEndpoint", default="")))
            except Unreadable as error:
                found.errors.append(error)
    found.names.discard("")
    accounts, gaps = ctx.partial(STORAGE_ACCOUNTS)
    for account in accounts:
        if account.name.casefold() in found.names:
            found.add(account.id)
    found.names -= {name_of(identifier).casefold() for identifier in found.ids.values()}
    if gaps and (found.ids or found.names):
        found.errors.append(CollectionUnavailable(gaps[0]))
    return found


def _documents(ctx: Context, collection: Collection, found: _LogAccounts) -> list[View]:
    documents, gaps = ctx.partial(collection)
    found.errors += [CollectionUnavailable(gap) for gap in gaps]
    return documents


def _judge_all(ctx: Context, rule: Callable[[View, Context], Verdict]) -> Iterator[Judgement]:
    found = _log_accounts(ctx)
    for key in sorted(found.ids):
        trace = ctx.fresh_trace()
        try:
            verdict = _judge(found.ids[key], ctx, rule)
        except (CollectionUnavailable, Unreadable) as error:
            verdict = unknown_from(error)
        yield Judgement(found.ids[key], verdict, tuple(entry[0] for entry in trace.reads.values()))
    if found.errors:
        yield Judgement(ctx.scope_id, unknown_from(found.errors[0]))
    elif found.names:
        text = "SQL audit records go to storage accounts that are not in a readable subscription"
        yield Judgement(ctx.scope_id, unknown(text, Reason.NOT_FOUND, accounts=sorted(found.names)))


def _judge(identifier: str, ctx: Context, rule: Callable[[View, Context], Verdict]) -> Verdict:
    account = ctx.find(STORAGE_ACCOUNTS, identifier)
    if account is None:
        account = ctx.single(FOREIGN_LOG_ACCOUNTS, identifier)
    if account is None:
        return not_applicable("The storage account no longer exists")
    return rule(account, ctx)


def _judge_encryption(account: View, ctx: Context) -> Verdict:
    """Judge the encryption of the blob service and of the file service. Return the worse of the two verdicts."""
    verdicts = [service_encryption(account, service) for service in ("blob", "file")]
    order = (Outcome.FAIL, Outcome.PASS, Outcome.NOT_APPLICABLE)
    return min(verdicts, key=lambda verdict: order.index(verdict.outcome))


def _declare(
    name: str,
    rule: Callable[[View, Context], Verdict],
    *,
    fix: Fix,
    doc: str,
    references: References,
) -> Control:
    @judgements(
        needs=_NEEDS,
        fix=fix,
        severity=Severity.HIGH,
        subject_type="Microsoft.Storage/storageAccounts",
        empty_reason="No storage account receives the activity log, flow logs or SQL audit records",
        slug=f"logging-storage-{name}",
        doc=doc,
        references=references,
    )
    def control(ctx: Context) -> Iterator[Judgement]:
        return _judge_all(ctx, rule)

    return control


_DOC = """{title}.

Problem: {problem}
Expected: {expected}
Judged: Each storage account that receives the activity log, flow logs or SQL audit records. Passes if
{condition}. An account in a subscription that cannot be read is unknown.
Why: {why}
"""

CONTROLS = (
    _declare(
        "encryption",
        _judge_encryption,
        fix=CUSTOMER_KEYS,
        doc=_DOC.format(
            title="Log storage accounts are encrypted at rest",
            problem="Log storage account not encrypted at rest",
            expected="Encryption of the blob and file services is not switched off",
            condition="encryption of its blob and file services is not switched off",
            why="Logs show an intruder how the environment is built, and contain addresses and names.",
        ),
        references=References(
            c2="5.1.4",
            c3="6.1.3",
            c4="7.1.1.3",
            c5="6.1.1.3",
            c6="6.1.1.3",
            mcsb="DP-4",
            nist="SC-28 SC-28(1)",
            partly=(
                Partly(
                    "c2 c3 c4 c5 c6",
                    "The requirement asks for customer-managed keys; the control also accepts Microsoft-managed keys",
                ),
            ),
        ),
    ),
    _declare(
        "secure-transfer",
        https_only,
        fix=HTTPS_FIX,
        doc=_DOC.format(
            title="Log storage accounts accept HTTPS only",
            problem="Log storage account accepts unencrypted connections",
            expected="HTTPS is required",
            condition="`supportsHttpsTrafficOnly` is true",
            why="Over an unencrypted connection, logs and access keys can be read in transit.",
        ),
        references=References(
            c2="3.1",
            c3="4.1",
            c4="10.3.4",
            c5="9.3.4",
            c6="9.3.4",
            mcsb="DP-3",
            nist="SC-8 SC-8(1)",
            partly=(Partly("c2 c3 c4 c5 c6", "The control checks only storage accounts that receive logs"),),
        ),
    ),
)
