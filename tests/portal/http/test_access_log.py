"""gunicorn's access log: one line without control characters for each request, whatever its address contains."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from portal.http.access_log import AccessLogger


def atoms(path: str) -> dict[str, str]:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_PROTOCOL": "HTTP/1.1", "RAW_URI": path}
    answer = SimpleNamespace(status="404 Not Found", sent=1, headers=[])
    request = SimpleNamespace(headers=[])
    return AccessLogger(Config()).atoms(answer, request, environ, timedelta(seconds=1))


@pytest.mark.parametrize("hostile", ["\n10.9.9.9 POST", "\r\x1b[2J", "\x07", "\x85", "\u2028", '"', " 302"])
def test_an_address_stays_one_field_of_one_line(hostile: str) -> None:
    found = atoms(f"/x{hostile}y/")
    for value in (found["U"], found["r"]):
        assert value.isprintable()
        assert '"' not in value
    assert " " not in found["U"]
    assert found["r"].count(" ") == 2


def test_usual_addresses_and_placeholders_are_readable() -> None:
    assert atoms("/t/contoso/findings/")["U"] == "/t/contoso/findings/"
    assert atoms("/accounts/password/reset/key/1-secret/")["U"].endswith("[hidden]/")
