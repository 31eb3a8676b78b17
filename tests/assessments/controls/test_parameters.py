"""Texts that parameters accept."""

from __future__ import annotations

import pytest

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
