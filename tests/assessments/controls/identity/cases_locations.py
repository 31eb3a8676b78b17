"""Addresses and countries of the named locations that policies exclude, for the control identity-mfa-enforced."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.cases_enforced import ENFORCED, access, blocked, policy
from tests.assessments.controls.identity.directory_documents import ADA, BOB, GUEST
from tests.assessments.controls.judging import DIRECTORY, gap

OFFICE, BRANCH = "06e4ff15-ca6b-4843-9c34-3fdd1ce8f739", "1b7f0916-7677-40d8-97a1-d606f4ed8fcf"
COMPLIANT_NETWORK = "3d46dbda-8382-466a-856d-eb00cbc6b910"


def location(*networks: str, name: str = OFFICE, trusted: Any = True, **more: Any) -> dict[str, Any]:
    """A named location with addresses, as in Microsoft's API reference for listing named locations."""
    entries = [
        {"@odata.type": f"#microsoft.graph.iPv{6 if ':' in text else 4}CidrRange", "cidrAddress": text}
        for text in networks
    ]
    return {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "id": name,
        "displayName": "Office",
        "isTrusted": trusted,
        "ipRanges": entries,
        **more,
    }


def countries(*codes: str, unknown: Any = False) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.countryNamedLocation",
        "id": BRANCH,
        "displayName": "Home",
        "countriesAndRegions": list(codes),
        "includeUnknownCountriesAndRegions": unknown,
    }


def excluding(*locations: str, **changes: Any) -> dict[str, Any]:
    """A policy for everybody except at these locations."""
    conditions = {"includeLocations": ["All"], "excludeLocations": list(locations)}
    return policy(conditions__locations=conditions, **changes)


def located(
    name: str, expect: str, *locations: dict[str, Any], at: tuple[str, ...] = ("AllTrusted",), **more: Any
) -> Case:
    """A case in a directory with named `locations`. The policy is for everybody, except at the locations `at`."""
    docs = {**access(excluding(*at)), "named_locations": list(locations)}
    return Case(ENFORCED, f"locations: {name}", docs, {DIRECTORY: expect}, **more)


CASES = [
    located(
        "an office",
        "pass",
        location("203.0.113.0/24", "2001:4898:80e8:7:d92a:7695:fda1:9d62/48"),
        remark="The excluded locations contain 256 IPv4 addresses (/24) and an IPv6 network of size /48",
    ),
    located("trusted, half of IPv4", "fail", location("0.0.0.0/1"), reason="contain 49 % of IPv4"),
    located("named by id, half of IPv4", "fail", location("0.0.0.0/1", trusted=False), at=(OFFICE.upper(),)),
    located("all of IPv4 in two halves", "fail", location("0.0.0.0/1"), location("128.0.0.0/1", name=BRANCH)),
    located(
        "half of IPv4 in networks that the portal accepts",
        "fail",
        location(*(f"{first}.{second}.0.0/9" for first in range(1, 127) for second in (0, 128))),
        reason="contain 49 % of IPv4",
    ),
    located("all of IPv6", "fail", location("2000::/3"), reason="contain all public IPv6"),
    located(
        "half of IPv4, not trusted",
        "pass",
        location("0.0.0.0/1", trusted=False),
        location("198.51.100.0/24", name=BRANCH),
    ),
    located(
        "half of IPv4, not excluded",
        "pass",
        location("0.0.0.0/1"),
        location("198.51.100.0/24", name=BRANCH),
        at=(BRANCH,),
    ),
    located("the largest network of one organization", "pass", location("53.0.0.0/8", "2a00:1000::/29")),
    located("one address more", "fail", location("53.0.0.0/8", "54.0.0.0/32")),
    located(
        "private addresses",
        "pass",
        location("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        no_remark="contain",
    ),
    located(
        "no trusted location",
        "pass",
        remark="Trusted IP addresses in the former MFA settings are excluded too and cannot be read",
    ),
    located(
        "a country", "fail", countries("de", "AT"), at=(BRANCH,), reason="it excludes all addresses in AT, DE"
    ),
    located(
        "many countries",
        "fail",
        countries("AT", "BE", "CH", "DE", "FR", "NL"),
        at=(BRANCH,),
        reason="it excludes the addresses of 6 countries",
    ),
    located(
        "unknown countries", "fail", countries(unknown=True), at=(BRANCH,), reason="of unknown countries"
    ),
    located("a country that is not excluded", "pass", countries("DE")),
    located(
        "trusted addresses of the former settings",
        "pass",
        at=("00000000-0000-0000-0000-000000000000",),
        remark="Trusted IP addresses in the former MFA settings are excluded too and cannot be read",
    ),
    located(
        "compliant network",
        "pass",
        at=(COMPLIANT_NETWORK,),
        remark="The compliant network of Global Secure Access is excluded",
    ),
    located(
        "not in the list", "unknown", at=(OFFICE,), reason=f"The excluded location {OFFICE} is not among"
    ),
    located(
        "unknown kind", "unknown", location("0.0.0.0/1", **{"@odata.type": "#microsoft.graph.newLocation"})
    ),
    located("kind not given", "unknown", location("203.0.113.0/24", **{"@odata.type": None})),
    located("not a network", "unknown", location("203.0.113.0/24", "office")),
    located("networks null", "unknown", location(ipRanges=None)),
    located("trust null", "unknown", location("0.0.0.0/1", trusted=None)),
    located("countries null", "unknown", {**countries(), "countriesAndRegions": None}, at=(BRANCH,)),
    located("unknown countries null", "unknown", countries("DE", unknown=None), at=(BRANCH,)),
    located("an unreadable location that is not excluded", "pass", location(ipRanges=None, trusted=False)),
    Case(
        ENFORCED,
        "locations: forbidden",
        access(excluding("AllTrusted")),
        {DIRECTORY: "unknown"},
        [gap("named_locations")],
    ),
    Case(
        ENFORCED,
        "locations: forbidden, and too many users excluded",
        access(excluding("AllTrusted", conditions__users__excludeUsers=[ADA, BOB, GUEST])),
        {DIRECTORY: "fail"},
        [gap("named_locations")],
        reason="it excludes 3 users",
    ),
    Case(
        ENFORCED,
        "locations: forbidden, another policy without exclusions",
        access(excluding("AllTrusted"), policy(id="p2")),
        {DIRECTORY: "pass"},
        [gap("named_locations", reason=Reason.SERVER_ERROR, status=500)],
        no_remark="excluded",
    ),
    Case(
        ENFORCED,
        "locations: half of IPv4 left out of the block of legacy authentication",
        {
            **access(
                policy(conditions__clientAppTypes=["browser", "mobileAppsAndDesktopClients"]),
                blocked(conditions__locations={"includeLocations": ["All"], "excludeLocations": [OFFICE]}),
            ),
            "named_locations": [location("0.0.0.0/1")],
        },
        {DIRECTORY: "fail"},
    ),
]
