"""The output of the programs that judge the evidence of a bundle again."""

from __future__ import annotations

from assessments.controls.registry import catalogue_hash
from assessments.export.judging import RecordedContent
from portal.reports.reperformance.compare import Compared, Comparison
from portal.reports.reperformance.read import Bundle, StatedVerdict
from portal.reports.reperformance.texts import summary_lines, unknown_collection


def bundle(catalogue: str) -> Bundle:
    """Return a bundle: Surety 7.1.0 assessed with the catalogue of this hash, and Surety 7.2.0 built the report."""
    identity = {"catalogue_hash": catalogue, "assessed_with": "7.1.0", "product_version": "7.2.0"}
    return Bundle({"identity": identity}, [], {}, [], RecordedContent({}, {}))


def test_the_version_that_made_the_assessment_is_named() -> None:
    """The version that built the report is not named, because its controls can differ from those of the assessment."""
    (line,) = (one for one in summary_lines(bundle("0" * 64), Comparison([], [], {})) if "catalogue" in one)
    assert "Use Surety 7.1.0, in the build that made the assessment" in line
    assert unknown_collection(bundle("0" * 64), "novel").endswith("Use Surety 7.1.0.")
    same = summary_lines(bundle(catalogue_hash()), Comparison([], [], {}))
    assert not any("other controls" in one for one in same)


def test_a_verdict_with_another_observed_value_is_described() -> None:
    stated = StatedVerdict("aks-monitor", "one", "two", "pass", "f" * 64)
    rows = [Compared(stated, again, same=False) for again in ("pass", "fail", "")]
    lines = summary_lines(bundle(catalogue_hash()), Comparison(rows, [], {}))
    assert [line.partition(" gives ")[2] for line in lines if "differs  " in line] == [
        "pass with another observed value",
        "fail",
        "no verdict",
    ]
