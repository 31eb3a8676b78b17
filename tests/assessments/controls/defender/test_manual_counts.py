"""Manual controls show how many items the automatic checks found, and no number if some were unreadable."""

from __future__ import annotations

import pytest

from assessments.display.observed import describe
from assessments.estate.collections import ALL
from tests.assessments.controls.identity.cases_passwords_and_federation import CASES as PASSWORDS
from tests.assessments.controls.judging import SUB, gap, judge
from tests.for_each import for_each

CASES = [
    ("defender-recommendations-review", "security_assessments", "open"),
    ("operations-vulnerability-scans", "security_subassessments", "findings"),
]


@pytest.mark.parametrize(("slug", "collection", "name"), CASES)
def test_an_unreadable_collection_is_not_counted(slug: str, collection: str, name: str) -> None:
    assert judge(slug, {})[SUB].observed[name] == 0
    result = judge(slug, {}, [gap(collection)])[SUB]
    assert result.observed[name] is None
    assert " 0 " not in result.verdict.reason
    assert any(ALL[collection].title in remark for remark in result.verdict.remarks)


UNREAD = [
    ("defender-recommendations-review", "security_assessments", {"open"}),
    ("defender-recommendations-review", "secure_scores", {"secureScore"}),
    ("operations-vulnerability-scans", "security_assessments", {"machines", "sqlServers"}),
    ("operations-vulnerability-scans", "security_subassessments", {"findings"}),
    ("operations-vulnerability-scans", "vulnerability_settings", {"scanner"}),
    ("operations-vulnerability-scans", "defender_pricings", {"agentless"}),
]


@for_each(("slug", "collection", "keys"), UNREAD)
def test_a_value_that_could_not_be_read_is_shown_as_unknown_with_the_reason(
    slug: str, collection: str, keys: set[str]
) -> None:
    verdict = judge(slug, {}, [gap(collection)])[SUB].verdict
    shown = {line.key: str(line.text) for line in describe(verdict.observed, remarks=verdict.remarks)}
    unknown = {key for key, text in shown.items() if text.startswith("unknown: Missing permission")}
    assert unknown == keys, shown


def test_lockout_settings_that_could_not_be_read_are_unknown() -> None:
    case = next(case for case in PASSWORDS if any(one.collection == "group_settings" for one in case.gaps))
    (result,) = case.judge().values()
    (remark,) = result.verdict.remarks
    assert remark.startswith("Lockout threshold and lockout duration could not be read: Missing permission")
    stored = remark.replace("Lockout threshold and lockout duration", "Lockout after and Lockout lasts")
    for remarks in ([remark], [stored]):
        lines = describe(result.verdict.observed, remarks=remarks)
        unknown = {line.key for line in lines if str(line.text).startswith("unknown: ")}
        assert unknown == {"lockoutThreshold", "lockoutDurationInSeconds"}, remarks


def test_a_value_that_is_really_absent_is_not_unknown() -> None:
    verdict = judge("operations-vulnerability-scans", {})[SUB].verdict
    texts = [str(line.text) for line in describe(verdict.observed, remarks=verdict.remarks)]
    assert not any("unknown" in text for text in texts), texts
