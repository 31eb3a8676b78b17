"""The transports of custom clouds: their certificate authorities."""

from __future__ import annotations

from pathlib import Path

from assessments.collect.http.clouds import single_host
from assessments.collect.http.transport import transport_for
from tests.factories import certificate_pem


def test_a_certificate_authority_may_have_comments_in_any_language() -> None:
    ca = f"{certificate_pem()}\n# Prüfstelle Zürich\n"
    transport = transport_for(single_host("https://localhost:8443", ca))
    path = transport.connection_config.verify
    assert Path(path).read_text(encoding="utf-8") == ca
