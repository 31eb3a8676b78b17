"""Make HTTP responses from the replies of the sandbox's services, either intact or deliberately broken."""

import asyncio
import math
import socket
import struct
import uuid
import zlib

from aiohttp import web

from sandbox.arm import errors as arm_errors
from sandbox.estate import Answer
from sandbox.graph.service import GraphError
from sandbox.messages import Reply, Request, as_json

BODY_FAULTS = ("truncate", "invalid-json", "slow", "huge", "endless", "gzip-bomb")
_BLANK_BYTES, _BLOCK = 64 * 1024 * 1024, b" " * 2**20
"""`_BLANK_BYTES` is the number of spaces that the faults `huge` and `gzip-bomb` send before the JSON body. JSON parsers
accept leading spaces. The spaces are sent in blocks, and `_BLOCK` is one block.
"""
_DRIP_SECONDS = 0.2
_SLOW_PIECES, _SLOW_SECONDS = 5, 1.5
_JSON = "application/json; charset=utf-8"


def failure(status: int, request: Request) -> Reply:
    """Return the error reply of a fault with this status, in the format of Microsoft Graph or ARM."""
    code, message = {
        429: ("TooManyRequests", "Too many requests."),
        503: ("ServiceUnavailable", "The service is temporarily unavailable."),
        504: ("GatewayTimeout", "The gateway did not receive a response in time."),
    }.get(status, ("InternalServerError" if status >= 500 else "BadRequest", "A deliberate fault."))
    headers = {"Retry-After": "1"} if status == 429 else {}
    if request.key.startswith(("/v1.0/", "/beta/")):
        reply = GraphError(status, code, message).reply()
        reply.headers.update(headers)
        return reply
    return arm_errors.error(status, code, message, headers)


def scripted_reply(answer: Answer) -> Reply:
    """Return the reply that a scripted answer of the estate file prescribes."""
    body = answer.body
    if body is None:
        return Reply(answer.status, b"", dict(answer.headers))
    if isinstance(body, str):
        return Reply(answer.status, body.encode("utf-8", "surrogatepass"), dict(answer.headers))
    return as_json(answer.status, body, dict(answer.headers))


def _headers(reply: Reply) -> dict[str, str]:
    number = str(uuid.uuid4())
    present = {name.lower() for name in reply.headers}
    defaults = {
        "Content-Type": _JSON,
        "x-ms-request-id": number,
        "x-ms-correlation-request-id": number,
        "request-id": number,
        "Cache-Control": "no-cache",
    }
    return {
        **{name: value for name, value in defaults.items() if name.lower() not in present},
        **reply.headers,
    }


def respond(reply: Reply) -> web.Response:
    return web.Response(status=reply.status, body=reply.body, headers=_headers(reply))


def reset(http_request: web.BaseRequest) -> web.Response:
    """Reset the connection (TCP RST) instead of answering."""
    if (transport := http_request.transport) is not None:
        if (raw := transport.get_extra_info("socket")) is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response(status=500)


async def respond_with_body_fault(
    http_request: web.BaseRequest, reply: Reply, fault: str | None
) -> web.StreamResponse:
    """Send a deliberately broken body, depending on the fault.

    The body is truncated, is not JSON, arrives slowly in pieces, is very large, or never ends.
    """
    body = reply.body
    if fault in ("huge", "endless", "gzip-bomb"):
        return await _hostile(http_request, reply, fault)
    if fault == "invalid-json":
        return respond(Reply(reply.status, body[: max(1, len(body) * 2 // 3)] + b"\x00<", reply.headers))
    response = web.StreamResponse(status=reply.status, headers=_headers(reply))
    response.content_length = len(body)
    await response.prepare(http_request)
    if fault == "slow":
        step = max(1, math.ceil(len(body) / _SLOW_PIECES))
        for begin in range(0, len(body), step):
            await asyncio.sleep(_SLOW_SECONDS / _SLOW_PIECES)
            await response.write(body[begin : begin + step])
        await response.write_eof()
        return response
    await response.write(body[: len(body) // 2])
    if http_request.transport is not None:
        http_request.transport.close()
    return response


async def _hostile(http_request: web.BaseRequest, reply: Reply, fault: str) -> web.StreamResponse:
    """Send a hostile response, depending on the fault.

    `huge` sends 64 MiB of spaces before the body. `gzip-bomb` sends the same spaces, compressed to a thousandth of
    their size. `endless` sends a single space now and then, forever.
    """
    response = web.StreamResponse(status=reply.status, headers=_headers(reply))
    if fault == "gzip-bomb":
        response.headers["Content-Encoding"] = "gzip"
    await response.prepare(http_request)
    packed = zlib.compressobj(wbits=31)
    try:
        for _ in range(0 if fault == "endless" else _BLANK_BYTES // len(_BLOCK)):
            await response.write(packed.compress(_BLOCK) if fault == "gzip-bomb" else _BLOCK)
        while fault == "endless":
            await asyncio.sleep(_DRIP_SECONDS)
            await response.write(b" ")
        await response.write(
            packed.compress(reply.body) + packed.flush() if fault == "gzip-bomb" else reply.body
        )
        await response.write_eof()
    except ConnectionError:
        pass  # The client has closed the connection, because it has read enough.
    return response
