"""A request in a charset other than UTF-8 is refused before Django reads the request."""

from __future__ import annotations

import io
import json
import os
from typing import Any

import pytest

# The entry point sets the process's umask, which other tests in this process must not inherit.
_umask = os.umask(0o022)
from portal.wsgi import application  # noqa: E402

os.umask(_umask)

PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nb=%41\r\n--b--\r\n'
FORM, FILES = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"


def post(content_type: str, query: str = "", path: str = "/verify/", body: bytes = PART) -> tuple[int, bytes]:
    """Post a form, by default to the page that verifies reports. Return the status and body of the answer."""
    statuses = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "localhost",
        "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "http",
    }  # fmt: skip
    answer = application(environ, lambda status, _headers: statuses.append(int(status.split()[0])))
    return statuses[0], b"".join(answer)


@pytest.mark.parametrize("kind", [FORM, FILES], ids=["form", "files"])
@pytest.mark.parametrize(
    "charset",
    [
        "charset=base64", "charset=idna", "charset=utf-16", "charset=utf-7", "charset=unknown", "charset=rot13",
        'charset="punycode"', "Charset=UTF-16", "charset=", "charset*=base64''x", "charset*=idna''%ff",
        "charset*=unknown''x", "x*=idna''%ff", "charset=utf-8; charset=base64", "charset=\xe9",
    ],
)  # fmt: skip
def test_other_charsets_are_refused(db: None, kind: str, charset: str) -> None:
    status, body = post(f"{kind}; {charset}", "q=%41" * 3)
    assert status == 400
    assert b"UTF-8" in body or b"malformed" in body


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", '; charset="UTF-8"', "; charset*=utf-8''utf-8"])
def test_forms_in_utf_8_reach_the_page(db: None, charset: str) -> None:
    status, body = post(FILES + charset)
    assert status == 400
    assert b"Choose the PDF file of a report." in body


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("application/json; charset=utf-7", b"{}", 400, "bad_request"),
        ("application/json", 70_000 * b" ", 413, "content_too_large"),
    ],
)
def test_programs_get_problem_details(db: None, kind: str, body: bytes, status: int, code: str) -> None:
    answered, text = post(kind, path="/api/v1/customers/a/reports", body=body)
    problem = json.loads(text)
    assert (answered, problem["status"], problem["code"]) == (status, status, code)
    # The answer to a program does not suggest signing in, because programs have no session.
    assert "Sign in" not in problem["detail"]


def test_the_authorization_server_answers_as_oauth_demands(db: None) -> None:
    for kind, body, status in (("text/plain; charset=utf-7", b"{}", 400), (FORM, 70_000 * b"x", 413)):
        answered, text = post(kind, path="/oauth/token", body=body)
        assert (answered, json.loads(text)["error"]) == (status, "invalid_request")
