"""Send requests to the configured URL of a time-stamp authority, and to no other URL. The size of the answer and the
time for the answer are limited.
"""

from __future__ import annotations

import asyncio
import os
from typing import Final

import requests
from asn1crypto import cms, core, tsp
from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
from urllib3.exceptions import HTTPError

from assessments.collect.http.time_limit import TimeLimitedAdapter, TookTooLong, time_limit
from portal.reports.signatures.visible import visible

# Far more than a genuine answer: a time stamp with its chain of certificates has about 10 KB.
MAX_ANSWER_BYTES: Final = 256 * 1024
# The limit for connection, request and answer together. The argument `timeout` of `requests` limits each single wait
# for the network, not the sum.
TOTAL_SECONDS: Final = 30.0
_MAX_REASON: Final = 200


class _Answer(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """The answer of a time-stamp authority (RFC 3161, 2.4.2).

    An answer without a time stamp has only a status. asn1crypto's own class `TimeStampResp` cannot read such an answer.
    """

    _fields = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class DirectTimeStamper(HTTPTimeStamper):
    """pyHanko's client, with limits for the size and the time of the answer.

    The client follows no redirects and uses no proxies, because both could lead to any host.
    """

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Return the authority's answer. Raises TimestampRequestError."""
        return await asyncio.to_thread(self._ask, req)

    def _ask(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        try:
            with time_limit(TOTAL_SECONDS):
                content = self._content(req.dump())
        except TookTooLong as error:
            raise TimestampRequestError(
                f"the authority did not answer within {TOTAL_SECONDS:g} seconds"
            ) from error
        except TimestampRequestError:
            raise
        except (OSError, HTTPError) as error:
            raise TimestampRequestError(f"the authority cannot be reached: {error}") from error
        if len(content) > MAX_ANSWER_BYTES:
            raise TimestampRequestError("the answer is too large for a time stamp")
        if reason := _refusal(content):
            raise TimestampRequestError(reason)
        return tsp.TimeStampResp.load(content)

    def _content(self, body: bytes) -> bytes:
        with requests.Session() as session:
            # Ignore the environment, because its variables could send the request to a proxy, and a .netrc file
            # could add a password.
            session.trust_env = False
            session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
            session.mount("http://", TimeLimitedAdapter())
            session.mount("https://", TimeLimitedAdapter())
            with session.post(
                self.url,
                body,
                headers=self.request_headers(),
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code != 200:
                    raise TimestampRequestError(f"the authority answered with status {answer.status_code}")
                if answer.headers.get("Content-Type") != "application/timestamp-reply":
                    raise TimestampRequestError("the answer is not a time stamp")
                return answer.raw.read(MAX_ANSWER_BYTES + 1, decode_content=True)


def _refusal(content: bytes) -> str:
    """Return why the answer contains no time stamp, or an empty text if it contains one."""
    try:
        answer = _Answer.load(content)
        if not isinstance(answer["time_stamp_token"], core.Void):
            return ""
        status = answer["status"].native
    except (ValueError, TypeError, LookupError):
        return "the answer is not a time stamp"
    reasons = [*(status["status_string"] or ()), *sorted(status["fail_info"] or ())]
    said = f": {visible(', '.join(reasons))[:_MAX_REASON]}" if reasons else ""
    return f"the authority refused the request ({status['status']}){said}"
