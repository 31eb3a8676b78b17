"""Read how long the backup policies of Recovery Services vaults keep backups.

Properties: recoveryservicesbackup/resource-manager/Microsoft.RecoveryServices/stable/2024-10-01/bms.json
(LongTermRetentionPolicy, SimpleRetentionPolicy, RetentionDuration)
"""

from __future__ import annotations

from typing import Final

from assessments.estate.view import View

_DAYS: Final = {"days": 1, "weeks": 7, "months": 30, "years": 365}
_SCHEDULES: Final = ("daily", "weekly", "monthly", "yearly")
_LONG_TERM, _SIMPLE = "longtermretentionpolicy", "simpleretentionpolicy"


def days_by_schedule(retention: View) -> dict[str, int | float]:
    """Return {schedule: days that its backups are kept} of a retention policy, in the order daily, weekly, monthly,
    yearly. A simple policy has no schedules; for such a policy, the only key is an empty text.

    A month counts as 30 days, a year as 365. Raise Unreadable if a property is missing or invalid, or if a policy that
    is not simple has no schedule.
    """
    kind = retention.choice("retentionPolicyType", {_LONG_TERM, _SIMPLE})
    if kind == _SIMPLE:
        return {"": _days(retention.object("retentionDuration"))}
    found = {
        schedule: _days(retention.object(f"{schedule}Schedule.retentionDuration"))
        for schedule in _SCHEDULES
        if retention.has(f"{schedule}Schedule")
    }
    if not found:
        raise retention.unreadable("dailySchedule", "absent")
    return found


def _days(duration: View) -> int | float:
    return duration.number("count") * _DAYS[duration.choice("durationType", _DAYS)]
