"""What the programs that judge a bundle again say about other versions of Surety."""

from __future__ import annotations

from assessments.controls.registry import catalogue_hash
from assessments.export.judging import RecordedContent
from portal.reports.reperformance.compare import Comparison
from portal.reports.reperformance.read import Bundle
from portal.reports.reperformance.texts import summary_lines, unknown_collection


def bundle(catalogue: str) -> Bundle:
    """Return the bundle of a report that a later version built on an assessment."""
    identity = {"catalogue_hash": catalogue, "assessed_with": "7.1.0", "product_version": "7.2.0"}
    return Bundle({"identity": identity}, [], {}, [], RecordedContent({}, {}))


def test_the_version_that_made_the_assessment_is_named() -> None:
    """The version that built the report judges with other controls, as the program itself does."""
    (line,) = (one for one in summary_lines(bundle("0" * 64), Comparison([], [], {})) if "catalogue" in one)
    assert "Use Surety 7.1.0, in the build that made the assessment" in line
    assert unknown_collection(bundle("0" * 64), "novel").endswith("Use Surety 7.1.0.")
    same = summary_lines(bundle(catalogue_hash()), Comparison([], [], {}))
    assert not any("other controls" in one for one in same)
