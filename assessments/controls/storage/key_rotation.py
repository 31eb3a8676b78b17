"""The control storage-key-rotation: Storage access keys are regenerated regularly."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_subject
from assessments.controls.references import Partly, References, Setting
from assessments.controls.storage._accounts import refusal_of_keys
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.quantities import in_days
from assessments.estate.services.storage import shared_key_allowed
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Cli, Fix, command

# The fix looks for this remark in the finding. The missing reminder is not an observed value, because a new observed
# value would end the cover of approved exceptions: they are bound to the hash of all observed values.
_NO_REMINDER: Final = "No reminder to regenerate the keys is set (keyPolicy)"


def _regenerate(key: str, other: str) -> Cli:
    """Return the step that regenerates one key. Each key has its own step, because applications must switch to the
    other key first.

    https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage#manually-rotate-access-keys
    """
    return command(
        f"az storage account keys renew --resource-group {{group}} --account-name {{account}} --key {key}"
        " --subscription {subscription}",
        f"Switch every application to {other} and check that all work. Only then regenerate {key}.",
        when=lambda facts: key in facts.texts("oldKeys"),
        alone=True,
    )


FIX = Fix(
    *(_regenerate(key, other) for key, other in (("key1", "key2"), ("key2", "key1"))),
    command(
        "az storage account update --resource-group {group} --name {account} --key-exp-days 90"
        " --subscription {subscription}",
        # Azure refuses the reminder while a key has no creation time. For the control, such a key is as old as the
        # account. If the account is older than `max_age`, the steps above regenerate the key. Otherwise, the text below
        # says what to do.
        # https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage#create-a-key-expiration-policy
        "After you regenerated the keys named above, set a rotation reminder, so that Azure shows when a key must be"
        " regenerated again. If Azure shows no creation time of a key, it refuses a reminder until both keys were"
        " regenerated once.",
        when=lambda facts: _NO_REMINDER in facts.remarks,
    ),
    portal="Azure portal › Storage accounts › {account} › Security + networking › Access keys › Rotate key",
    portal_source="https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage",
    # Sources on SQL auditing and flow logs:
    # https://learn.microsoft.com/azure/azure-sql/database/auditing-best-practices#storage-key-regeneration
    # https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview#storage-account
    effects="Applications and signatures that use the regenerated key lose access at once. If both keys are regenerated"
    " one after the other without switching the applications in between, all of them lose access. SQL auditing that"
    " uses the key stops without notice: first save its settings with the other key. Flow logs that use the keys of the"
    " account stop too, until they are disabled and enabled again.",
)


@per_subject(
    STORAGE_ACCOUNTS,
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={"key1": "Key 1 regenerated", "key2": "Key 2 regenerated", "oldKeys": "Keys to regenerate"},
    references=References(
        c2="3.4 3.3",
        c3="4.4 4.3",
        c4="10.3.1.2 10.3.1.1",
        c5="9.3.1.2 9.3.1.1",
        c6="9.3.1.2 9.3.1.1",
        mcsb2="DP-6",
        nist="SC-12* IA-5(1)*",
        partly=(
            Partly(
                "c2:3.3 c3:4.3 c4:10.3.1.1 c5:9.3.1.1 c6:9.3.1.1",
                "A missing reminder to rotate keys only adds a remark; the control does not fail",
            ),
            Partly(
                "c2:3.4 c3:4.4 c4:10.3.1.2 c5:9.3.1.2 c6:9.3.1.2",
                "The control passes with keys older than 90 days if its parameters permit them",
                unless=(Setting("max_age", maximum=90),),
            ),
        ),
    ),
    parameters=[
        Parameter(
            "max_age",
            90,
            "Days after which a key is too old",
            label="Maximum age (days)",
            minimum=1,
            maximum=3650,
        )
    ],
)
def key_rotation(account: View, ctx: Context) -> Verdict:
    """Storage access keys are regenerated regularly.

    Problem: Storage access keys not rotated
    Expected: Both access keys were regenerated within the last {max_age:days}
    Judged: Each storage account that accepts its access keys. Passes if key1 and key2 were created within
    the last `max_age` days (`keyCreationTime`). A key without a creation time was never regenerated and is as old
    as the account. The keys themselves are not read.
    Why: Anyone who once copied a key can use it until it is regenerated.
    """
    if not shared_key_allowed(account):
        return not_applicable("The account does not accept access keys", **refusal_of_keys(account))
    cutoff = ctx.now - timedelta(days=ctx.params["max_age"])
    created: dict[str, datetime] = {}
    first_error: Unreadable | None = None
    for key in ("key1", "key2"):
        try:
            created[key] = _created_at(account, key)
        except Unreadable as error:
            first_error = first_error or error
    old_keys = [key for key, when in created.items() if when < cutoff]
    if first_error and not old_keys:
        raise first_error
    remarks = [] if _has_reminder(account) else [_NO_REMINDER]
    observed = {key: when.isoformat() for key, when in sorted(created.items())}
    if old_keys:
        reason = "Not regenerated since: " + ", ".join(f"{key} {created[key]:%Y-%m-%d}" for key in old_keys)
        return failed(reason, remarks=remarks, oldKeys=old_keys, **observed)
    return passed(f"Both keys are younger than {in_days(ctx.params['max_age'])}", remarks=remarks, **observed)


def _created_at(account: View, key: str) -> datetime:
    """Return when a key was created. A key that was never regenerated is as old as its account."""
    properties = account.object("properties")
    times = properties.object("keyCreationTime", default={})
    return times.time(key) if times.has(key) else properties.time("creationTime")


def _has_reminder(account: View) -> bool:
    days = account.raw("properties.keyPolicy.keyExpirationPeriodInDays")
    return isinstance(days, int) and days > 0
