"""Refused request bodies are answered in the format that each client reads: HTML, plain text, problem details or
OAuth's JSON.
"""

from __future__ import annotations

import pytest

from portal.http.request_bodies import MIB, refuse, too_large


@pytest.mark.parametrize(
    ("path", "accept", "media_type", "part"),
    [
        (
            "/t/a/scans/",
            "text/html,*/*;q=0.8",
            "text/html; charset=utf-8",
            "<p>The request is too large. A request to this address may have at most 32 MB",
        ),
        (
            "/t/a/scans/",
            "*/*",
            "text/plain; charset=utf-8",
            "The request is too large. A request to this address may have at most 32 MB",
        ),
        ("/api/v1/customers", "text/html", "application/problem+json", "at most 32 MB"),
        ("/oauth/token", "text/html", "application/json", '"invalid_request"'),
    ],
)
def test_a_refusal_is_readable_for_its_client(path: str, accept: str, media_type: str, part: str) -> None:
    given: dict[str, str] = {}
    (body,) = refuse(
        too_large(32 * MIB),
        {"PATH_INFO": path, "HTTP_ACCEPT": accept},
        lambda status, headers: given.update(headers, status=status),
    )
    assert (given["status"][:3], given["Content-Type"]) == ("413", media_type)
    assert given["Content-Length"] == str(len(body))
    assert part in body.decode()
