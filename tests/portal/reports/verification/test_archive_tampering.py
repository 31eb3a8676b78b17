"""Changed, stripped and forged files of the levels B-LT and B-LTA are refused, each with its reason."""

from __future__ import annotations

import re

import pytest

from portal.reports.verification.verify import Verdict, verify_pdf, verify_signature
from tests.portal.reports.archive_files import (
    Archived,
    signed_end,
)
from tests.portal.reports.tampering import flipped
from tests.portal.reports.verification.forged_archives import FORGED


@pytest.mark.parametrize("case", FORGED)
def test_changed_file_is_refused_with_the_reason(case: str, archive_files: Archived) -> None:
    forge, reason = FORGED[case]
    data = forge(archive_files)
    result = verify_pdf(data, archive_files.trust)
    assert result.verdict == Verdict.INVALID
    assert data not in (archive_files.long_term, archive_files.archive, archive_files.renewed)
    assert re.search(reason, " ".join(result.problems)), result.problems


@pytest.mark.slow(seconds=5)
def test_every_bit_after_the_signature_counts(archive_files: Archived) -> None:
    """After any change behind the signed bytes, a file is refused, and no exception is raised. Try every 331st byte."""
    data = archive_files.archive
    end = signed_end(data)
    for at in range(end, len(data), 331):
        assert verify_signature(flipped(data, at), archive_files.trust).verdict == Verdict.INVALID, at
