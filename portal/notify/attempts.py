"""Rules for retries that apply to all outgoing messages: notices, posts, mails with reports, mails about accounts, and
tickets.

A worker claims a due row for `LEASE`, sends it without an open transaction, and records the result. If the worker dies,
another worker claims the row after `LEASE`.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

# The length of a claim. It is longer than any attempt. A mail server may take 20 seconds for each step of sending a
# mail. An attempt takes about 15 seconds at most for a post, and about two minutes for a ticket.
LEASE: Final = timedelta(minutes=5)
WORKER_DIED: Final = (
    "The worker stopped unexpectedly in every attempt. Look for the reason in the log of the worker."
)
_MAX_DOUBLINGS: Final = 30


def retry_time(attempts: int, *, first: float, maximum: float, minimum: float = 0) -> datetime:
    """Return the time of the next attempt.

    The delay begins with `first` seconds, and doubles with each attempt up to `maximum` seconds. Then it is changed at
    random by up to a fifth. It is at least `minimum` seconds.
    """
    doubled = first * 2 ** min(attempts - 1, _MAX_DOUBLINGS)
    seconds = min(doubled, maximum) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
    return timezone.now() + timedelta(seconds=max(seconds, minimum))
