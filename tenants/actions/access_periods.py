"""When access can begin and end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from tenants.errors import invalid
from tenants.roles import Role

# How far ahead access can begin.
MAX_AHEAD: Final = timedelta(days=731)


def check_start(start: datetime, field: str) -> None:
    """Raise InvalidInput for `field` if access would begin too far in the future.

    A role that has not begun yet counts as access. So a role in the far future would, for example, make it impossible
    to pseudonymise the person.
    """
    if start > timezone.now() + MAX_AHEAD:
        raise invalid(
            field, f"Enter a first day within the next {MAX_AHEAD.days} days.", code="start_too_late"
        )


def check_period(role: Role, start: datetime, until: datetime | None, field: str) -> None:
    """Raise InvalidInput for `field` if access with this role cannot have this period."""
    if until is None:
        if role is Role.AUDITOR:
            raise invalid(field, "An auditor's access must end: enter an end date.", code="end_missing")
        return
    if until <= start:
        raise invalid(field, "Enter an end that is after the start.", code="end_before_start")
    if until <= timezone.now():
        raise invalid(field, "Enter an end that is in the future.", code="end_past")
