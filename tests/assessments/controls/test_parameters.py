"""Values that parameters accept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assessments.controls.parameter import MAX_NUMBER, MAX_TEXT
from assessments.controls.registry import catalogue
from tests.for_each import for_each

UDP, KINDS, SERVICES = "network-udp-from-internet", "logging-platform", "storage-service-logging"


@for_each(
    "slug, name, value",
    [
        (UDP, "udp_ports", "53"),
        (UDP, "udp_ports", " 1; 65535 ;"),
        (KINDS, "kinds", ""),
        (KINDS, "kinds", "Microsoft.Logic/workflows;Microsoft.Web/sites/slots"),
        (SERVICES, "services", ""),
        (SERVICES, "services", "Blob; table"),
    ],
)
def test_a_text_of_the_right_form_is_accepted(slug: str, name: str, value: str) -> None:
    assert catalogue()[slug].values({name: value})[name] == value


@for_each(
    "slug, name, value, words",
    [
        (UDP, "udp_ports", "", "must be numbers of ports"),
        (UDP, "udp_ports", "0", "must be numbers of ports"),
        (UDP, "udp_ports", "65536", "must be numbers of ports"),
        (UDP, "udp_ports", "53,123", "must be numbers of ports"),
        (KINDS, "kinds", "workflows", "must be types of resources"),
        (SERVICES, "services", "file", "must be some of blob;queue;table"),
    ],
)
def test_a_text_of_another_form_is_refused(slug: str, name: str, value: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        catalogue()[slug].values({name: value})


@for_each(
    "slug, name, value",
    [
        ("identity-stale-users", "max_age", 10**17),
        ("identity-stale-users", "max_age", MAX_NUMBER + 1),
        ("identity-stale-users", "max_age", float("inf")),
        ("identity-stale-users", "max_age", float("nan")),
        ("identity-stale-users", "max_age", 1.5),
        ("identity-mfa-all-users", "min_ratio", float("nan")),
        ("vm-approved-images", "images", "a\x00b"),
        ("vm-approved-images", "images", "a\nb"),
        ("vm-approved-images", "images", "a" * (MAX_TEXT + 1)),
    ],
)
def test_a_value_with_which_no_assessment_can_compute_is_refused(slug: str, name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"{name} must be"):
        catalogue()[slug].chosen({name: value})


def test_the_largest_accepted_number_of_days_before_now_is_a_valid_time() -> None:
    """Controls subtract a number of days from now. A result before the year 1 would raise OverflowError."""
    for control in catalogue().values():
        for parameter in control.parameters:
            if type(parameter.default) is int and parameter.maximum is None:
                assert parameter.refusal(MAX_NUMBER) == "", (control.slug, parameter.name)
    assert (datetime.now(UTC) - timedelta(days=MAX_NUMBER)).year > 1


def test_a_stored_value_above_the_present_limit_is_still_used() -> None:
    assert catalogue()["identity-stale-users"].values({"max_age": 999_999})["max_age"] == 999_999
