"""What the demonstration prints."""

from __future__ import annotations

from portal.demo.console import verified
from portal.reports.signing_identity import ensure_signing_identity


def test_the_console_says_once_that_the_certificate_is_self_signed(db: None) -> None:
    identity = ensure_signing_identity()
    text = verified("B-B", identity.name, is_self_signed=identity.self_signed)
    assert text.count("self-signed") == 1
    assert text.endswith(
        "signed by Surety report signing (self-signed). The certificate is for this demonstration only."
    )
