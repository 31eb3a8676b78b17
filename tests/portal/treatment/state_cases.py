"""Verdicts and treatments of findings, each with the state that pages show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.portal.treatment.findings import COVER, DAY, FAILING, MANUAL, NOW

CASES: dict[str, tuple[dict[str, Any], dict[str, Any] | None, str]] = {
    "fails": (FAILING, None, "open"),
    "fails, owned": (FAILING, {}, "open"),
    "acknowledged": (FAILING, {"acknowledged_failing_since": NOW - 10 * DAY}, "acknowledged"),
    "acknowledged an earlier failure": (FAILING, {"acknowledged_failing_since": NOW - 30 * DAY}, "open"),
    "covered": (FAILING, COVER, "excepted"),
    "covered and acknowledged": (
        FAILING,
        {**COVER, "acknowledged_failing_since": NOW - 10 * DAY},
        "excepted",
    ),
    "covered with another value": (FAILING, {**COVER, "excepted_sha256": "b" * 64}, "open"),
    "covered until now": (FAILING, {**COVER, "excepted_until": NOW}, "open"),
    "covered from now": (FAILING, {**COVER, "excepted_from": NOW}, "excepted"),
    "covered later": (FAILING, {**COVER, "excepted_from": NOW + timedelta(seconds=1)}, "open"),
    "passes under a cover": ({"outcome": "pass", "state": "resolved"}, COVER, "resolved"),
    "unknown under a cover": (
        {"outcome": "unknown", "state": "unknown", "unknown_because": "forbidden", "failing_since": NOW},
        {**COVER, "acknowledged_failing_since": NOW},
        "unknown",
    ),
    "gone under a cover": ({**FAILING, "state": "gone", "gone_at": NOW}, COVER, "gone"),
    "manual": (MANUAL, None, "manual"),
    "attested": (MANUAL, {"attested_met": True, "attested_until": NOW + DAY}, "attested"),
    "attested as not met": (MANUAL, {"attested_met": False, "attested_until": NOW + DAY}, "not_met"),
    "attestation ends now": (MANUAL, {"attested_met": True, "attested_until": NOW}, "lapsed"),
    "attested of what is observed": (
        MANUAL,
        {"attested_met": True, "attested_until": NOW + DAY, "attested_sha256": "a" * 64},
        "attested",
    ),
    "attested of something else": (
        MANUAL,
        {"attested_met": True, "attested_until": NOW + DAY, "attested_sha256": "b" * 64},
        "manual",
    ),
    "not met, of something else": (
        MANUAL,
        {"attested_met": False, "attested_until": NOW + DAY, "attested_sha256": "b" * 64},
        "manual",
    ),
    "ended, of something else": (
        MANUAL,
        {"attested_met": True, "attested_until": NOW, "attested_sha256": "b" * 64},
        "lapsed",
    ),
    "attested, judged since": (
        {"outcome": "pass", "state": "passing"},
        {"attested_met": False, "attested_until": NOW + DAY},
        "passing",
    ),
}
