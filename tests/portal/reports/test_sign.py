"""Signing with a time-stamp authority that fails."""

from __future__ import annotations

import pytest

from portal.reports.errors import SigningUnavailable
from portal.reports.sign import planned_level, sign
from portal.reports.signing_identity import ensure_signing_identity
from tests.portal.reports.conftest import small_pdf


def test_failing_time_stamp_authority_does_not_lower_the_level(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SURETY_TSA_URL", "http://127.0.0.1:9/tsa")
    assert planned_level() == "B-T"
    with pytest.raises(SigningUnavailable, match=r"127\.0\.0\.1:9/tsa did not return"):
        sign(small_pdf(), ensure_signing_identity(), reason="a test")
