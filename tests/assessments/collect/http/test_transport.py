"""Transports of requests: the certificate authorities of custom clouds, and no proxy for addresses of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from assessments.collect.http.clouds import single_host
from assessments.collect.http.time_limit import is_own_machine
from assessments.collect.http.transport import host_transport, transport_for
from tests.factories import certificate_pem
from tests.for_each import for_each
from tests.local_server import QuietHandler, local_server


def test_a_certificate_authority_may_have_comments_in_any_language() -> None:
    ca = f"{certificate_pem()}\n# Prüfstelle Zürich\n"
    transport = transport_for(single_host("https://localhost:8443", ca))
    path = transport.connection_config.verify
    assert Path(path).read_text(encoding="utf-8") == ca


class Greeting(QuietHandler):
    def do_GET(self) -> None:
        self.answer(b"hello", "text/plain")


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A company's proxy reaches neither the demonstration's sandbox nor the host's identity service on this machine."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with local_server(Greeting) as url:
        for transport in (transport_for(single_host("https://localhost:8443", "")), host_transport()):
            assert transport.session.get(url, timeout=5).text == "hello"
            with pytest.raises(requests.exceptions.ProxyError):
                transport.session.get("https://management.azure.com/", timeout=5)


@for_each(
    ("url", "expected"),
    [
        ("https://localhost:8443/x", True),
        ("https://LOCALHOST./", True),
        ("http://sandbox.localhost/", True),
        ("http://127.0.0.2:40342/metadata", True),
        ("http://[::1]:80/", True),
        ("http://169.254.169.254/metadata/identity", True),
        ("https://management.azure.com/", False),
        ("https://localhost.example.com/", False),
        ("https://10.0.0.4/", False),
        ("", False),
    ],
)
def test_this_machine_is_recognized_by_its_names_and_addresses(url: str, expected: bool) -> None:
    assert is_own_machine(url) is expected
