"""Read Azure's answers within limits of size and time.

People enter the endpoints of custom clouds, so an answer may be huge, endless or compressed a thousandfold. azure-core
does not limit answers: `requests` unpacks the whole body, and its time limits begin again with every byte.

Azure's own answers stay far below the limits. Resource Manager asks providers for at most 8 MB
(https://github.com/Azure/azure-resource-manager-rpc/blob/master/v1.0/common-api-details.md#max-response-size), and
Resource Graph refuses queries whose answer would have more than 16 MiB.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Final

import requests

from assessments.collect.errors import BadAnswer, SlowAnswer
from assessments.collect.http.time_limit import TimeLimitedAdapter, TookTooLong, time_limit

MAX_ANSWER_BYTES: Final = 32 * 1024 * 1024
"""The maximum size of one answer after unpacking."""
MAX_VALUES: Final = 2_000_000
"""The maximum number of values in the JSON of one answer. A parsed empty object needs thirty times the memory of its
text, so the maximum size alone does not limit the memory.
"""
MAX_TOTAL_BYTES: Final = 256 * 1024 * 1024
"""The maximum size of one list with all its pages. The same maximum applies to the sum of all answers that are read of
one subscription or directory, because all these answers are in memory together.
"""
_BYTES_OF_VALUE: Final = MAX_ANSWER_BYTES // MAX_VALUES
MAX_READING_SECONDS: Final = 4 * 60 * 60
"""Seconds after which a reading of a subscription or directory sends no further request. At the 25 reads a second that
Resource Manager permits, this suffices for 360,000 requests."""
ANSWER_SECONDS: Final = 300
"""Maximum seconds for one request, from connecting to the end of the answer. For a session with a short read timeout,
the maximum is `READ_TIMEOUTS` times this timeout.
"""
READ_TIMEOUTS: Final = 5
_BLOCK: Final = 64 * 1024

_current = threading.local()


def last_size() -> int:
    """Return the unpacked size, in bytes, of the last answer that this thread received. An answer with many small
    values counts as larger than its number of bytes: the parsed values need more memory.
    """
    return int(getattr(_current, "size", 0))


def within_total[Page](pages: Iterator[Page]) -> Iterator[Page]:
    """Yield the pages of a list. Raise BadAnswer if all pages together are too large. The iterator must request the
    pages in the thread that iterates, because `last_size` returns the size of this thread's last answer.
    """
    total = 0
    for page in pages:
        total += last_size()
        if total > MAX_TOTAL_BYTES:
            raise BadAnswer(
                f"The list has more than {MAX_TOTAL_BYTES // 2**20} MiB, so the rest was not read"
            )
        yield page


class BoundedAdapter(TimeLimitedAdapter):
    """An adapter of `requests` that reads the whole body before it returns an answer, within the limits.

    Raises BadAnswer for a too large answer, and SlowAnswer for a too slow answer. azure-core retries only after its own
    errors and after errors of `requests`. So requests that fail with BadAnswer or SlowAnswer are not retried.
    """

    def __init__(self, *, seconds: float = ANSWER_SECONDS, **options: Any) -> None:
        super().__init__(**options)
        self._seconds = seconds

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        _current.size = 0
        try:
            with time_limit(self._seconds):
                answer = super().send(request, *args, **kwargs)
                content = _read(answer)
        except TookTooLong:
            raise SlowAnswer(f"The answer was not complete after {self._seconds:g} seconds") from None
        _current.size = max(len(content), _values(content) * _BYTES_OF_VALUE)
        # `requests` itself sets these attributes after it has read a body.
        answer._content = content
        answer._content_consumed = True  # type: ignore[attr-defined]
        return answer


def _read(answer: requests.Response) -> bytes:
    content = bytearray()
    for block in answer.iter_content(_BLOCK):
        content += block
        if len(content) > MAX_ANSWER_BYTES:
            answer.close()
            raise BadAnswer(
                f"The answer has more than {MAX_ANSWER_BYTES // 2**20} MiB, so it was not read",
                answer.status_code,
            )
    if _values(content) > MAX_VALUES:
        raise BadAnswer(
            f"The answer has more than {MAX_VALUES:,} values, so it was not read", answer.status_code
        )
    return bytes(content)


def _values(content: bytes | bytearray) -> int:
    """Return an upper limit of the number of values in the JSON. This is the number of commas, `[` and `{`,
    including those inside of texts.
    """
    return sum(content.count(sign) for sign in (b",", b"[", b"{"))
