"""Read the activity log. Its events are documents of the estate. Requests without `$filter` return an error. The newest
events come first.

https://learn.microsoft.com/rest/api/monitor/activity-logs/list requires a start time in the filter, and accepts only
a few forms of filters. Azure keeps events for 90 days, and shows an event up to 20 minutes late. The sandbox shows an
event only after the event's `submissionTimestamp`.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.messages import Request
from sandbox.odata import FilterError, compile_filter, property_of

_KEPT = timedelta(days=90)
_START = re.compile(r"eventtimestamp\s+ge\s+'([^']+)'", re.IGNORECASE)
# {name in the filter, in lower case: property of an event}
_ALIASES = {"resourceuri": "resourceId", "resourceprovider": "resourceProviderName/value"}


def events(request: Request, keys: list[str], documents: dict[str, bytes], now: datetime) -> list[str]:
    """Return the keys of the events that match `$filter`. Raise `FilterError` if the filter is invalid, has no start
    time, or has a start time more than 90 days ago.
    """
    text = request.query.get("$filter", "")
    start = _START.search(text)
    if start is None:
        raise FilterError("The start time (eventTimestamp ge) is missing.")
    if _time(start[1]) < now - _KEPT:
        raise FilterError("The start time cannot be more than 90 days in the past.")
    predicate = compile_filter(text, _property)
    found = [(json.loads(documents[key]), key) for key in keys]
    matching = [
        (str(event.get("eventTimestamp")), key)
        for event, key in found
        if predicate(event) and _shown(event, now)
    ]
    return [key for _, key in sorted(matching, reverse=True)]


def _property(event: Any, name: str) -> Any:
    value = property_of(event, _ALIASES.get(name.lower(), name))
    return value[:19] + "Z" if name.lower() == "eventtimestamp" and isinstance(value, str) else value


def _shown(event: Any, now: datetime) -> bool:
    submitted = event.get("submissionTimestamp")
    return not isinstance(submitted, str) or _time(submitted) <= now


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        raise FilterError(f"'{text}' is not a time.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
