"""The times at which each customer was assessed during the history, and the subscriptions that its service principal
could read at these times."""

from __future__ import annotations

from dataclasses import dataclass

DAYS = 90


@dataclass(frozen=True, slots=True)
class Step:
    """An assessment in the history, which ran `days_ago` days before today.

    `visible` is the number of subscriptions that the service principal can read; None means all that it can read today.
    If `full` is set, everything is assessed, otherwise only what changed.
    """

    days_ago: int
    visible: int | None = None
    full: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """The history of one customer. The assessments start `minute` minutes after 02:00 UTC.

    If `secret_replaced` is set, the client secret was replaced in Azure after the last step, but not in Surety.
    """

    steps: tuple[Step, ...]
    minute: int
    secret_replaced: bool = False


# From step to step, Contoso's service principal can read more subscriptions. So failures begin, and become due, on
# different days.
PLANS = {
    "fabrikam": Plan(tuple(Step(days) for days in (88, 60, 32, 4)), 10),
    "contoso": Plan(
        (
            Step(88, 3),
            Step(46, 5),
            Step(17, 8, full=False),
            Step(4, full=False),
        ),
        20,
    ),
    "tailspin": Plan(tuple(Step(days) for days in (80, 38, 3)), 40),
    "wingtip": Plan(tuple(Step(days) for days in (85, 8)), 50, secret_replaced=True),
}
