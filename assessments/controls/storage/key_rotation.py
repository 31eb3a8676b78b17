"""storage-key-rotation."""

from __future__ import annotations

from datetime import datetime, timedelta

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, References, per_subject
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.storage import shared_key_allowed
from assessments.estate.view import Unreadable, View


@per_subject(
    STORAGE_ACCOUNTS,
    problem="Storage access keys not rotated",
    severity=Severity.MEDIUM,
    expected="both access keys were regenerated within max_age days",
    references=References(
        c2="3.4 3.3", c3="4.4 4.3", c4="10.3.1.2 10.3.1.1", c5="9.3.1.2 9.3.1.1", mcsb="DP-6 IM-1",
        nist="SC-12* IA-5(1)*",
    ),
    parameters=[Parameter("max_age", 90, "Days after which a key is too old", minimum=1, maximum=3650)],
)  # fmt: skip
def key_rotation(account: View, ctx: Context) -> Verdict:
    """Access keys regenerated periodically.

    Judged: each storage account that lets its keys be used: when key1 and key2 were made
    (`keyCreationTime`), or the account itself where that is not recorded because the key was never
    regenerated. The keys themselves are not read.
    Why: whoever once copied a key can use it until it is regenerated.
    Fix: az storage account keys renew -g RG -n ACCOUNT --key primary (then secondary);
    az storage account update -g RG -n ACCOUNT --key-exp-days 90
    """
    if not shared_key_allowed(account):
        return not_applicable("the account does not accept its keys", allowSharedKeyAccess=False)
    oldest = ctx.now - timedelta(days=ctx.params["max_age"])
    made: dict[str, datetime] = {}
    problem: Unreadable | None = None
    for key in ("key1", "key2"):
        try:
            made[key] = _made(account, key)
        except Unreadable as error:
            problem = problem or error
    old = [key for key, when in made.items() if when < oldest]
    if problem and not old:
        raise problem
    remarks = [] if _reminder(account) else ["no reminder to regenerate the keys is set (keyPolicy)"]
    observed = {key: when.isoformat() for key, when in sorted(made.items())}
    if old:
        since = " and ".join(f"{key} is unchanged since {made[key]:%Y-%m-%d}" for key in old)
        return failed(since, remarks=remarks, oldKeys=old, **observed)
    return passed(f"both keys are younger than {ctx.params['max_age']} days", remarks=remarks, **observed)


def _made(account: View, key: str) -> datetime:
    """When a key was made: never regenerated keys are as old as their account."""
    properties = account.object("properties")
    times = properties.object("keyCreationTime", default={})
    return times.time(key) if times.has(key) else properties.time("creationTime")


def _reminder(account: View) -> bool:
    days = account.raw("properties.keyPolicy.keyExpirationPeriodInDays")
    return isinstance(days, int) and days > 0
