"""Requests to a time-stamp authority: sent only to the authority's address, with a limit on the size of the answer."""

from __future__ import annotations

import asyncio

import requests
from asn1crypto import tsp
from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError

# Tokens with a chain of certificates have about 10 KB.
MAX_ANSWER_BYTES = 256 * 1024


class DirectTimeStamper(HTTPTimeStamper):
    """pyHanko's client without redirects, which could lead to any host, and without endless answers."""

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Return the authority's answer. Raises TimestampRequestError."""
        return await asyncio.to_thread(self._ask, req)

    def _ask(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        try:
            with requests.post(
                self.url,
                req.dump(),
                headers=self.request_headers(),
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code != 200:
                    raise TimestampRequestError(f"the authority answered with status {answer.status_code}")
                if answer.headers.get("Content-Type") != "application/timestamp-reply":
                    raise TimestampRequestError("the answer is not a time stamp")
                content = answer.raw.read(MAX_ANSWER_BYTES + 1, decode_content=True)
        except OSError as error:
            raise TimestampRequestError(f"the authority cannot be reached: {error}") from error
        if len(content) > MAX_ANSWER_BYTES:
            raise TimestampRequestError("the answer is too large for a time stamp")
        return tsp.TimeStampResp.load(content)
