"""Labels of observed keys: from LABELS, from the declaration of a control, or else the words of the key. The first of
these words begins with a capital letter, and the others are in lower case. Acronyms have their usual spelling.
"""

from __future__ import annotations

from assessments.controls.registry import catalogue
from assessments.display.observed import label
from assessments.display.observed_labels import ACRONYMS, LABELS
from tests.for_each import for_each


@for_each(
    ("key", "shown"),
    [
        ("oldestTlsVersion", "Oldest TLS version"),
        ("minTLSVersion", "Min TLS version"),
        ("publicIPAddress", "Public IP address"),
        ("publicIPs", "Public IPs"),
        ("publicIps", "Public IPs"),
        ("vmIds", "VM IDs"),
        ("rdpFromInternet", "RDP from internet"),
        ("sshEnabled", "SSH enabled"),
        ("nsg", "NSG"),
        ("allowedIPv4Ranges", "Allowed IPv4 ranges"),
        ("ipv6", "IPv6"),
        ("cmkUrl", "CMK URL"),
        ("sqlVMs", "SQL VMs"),
        ("gatewaySubnets", "Gateway subnets"),
        ("", "Value"),
    ],
)
def test_a_key_without_a_label_is_split_into_words(key: str, shown: str) -> None:
    assert key not in LABELS
    assert label(key) == shown


def test_a_label_of_the_table_is_used() -> None:
    assert label("members") == LABELS["members"] == "Enabled members"


def test_the_label_that_a_control_declares_is_used() -> None:
    assert "key1" not in LABELS
    assert label("key1") == catalogue()["storage-key-rotation"].labels["key1"] == "Key 1 regenerated"


def test_acronyms_are_looked_up_in_lower_case() -> None:
    assert all(word == spelled.lower() for word, spelled in ACRONYMS.items())
