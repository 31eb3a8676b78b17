"""Controls of the trusted network locations of Conditional Access.

Source: https://learn.microsoft.com/graph/api/resources/namedlocation
"""

from __future__ import annotations

from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.references import References
from assessments.controls.shared.directory import read_security_defaults
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.directory import NAMED_LOCATIONS, SECURITY_DEFAULTS
from assessments.estate.gaps import Reason
from assessments.estate.identity.named_locations import ALL_TRUSTED, excluded_addresses
from assessments.estate.ranges import size
from assessments.estate.view import View
from assessments.fixes.conditional_access import CONDITIONAL_ACCESS_COST
from assessments.fixes.declare import Fix, advice, graph
from assessments.fixes.variables import Variable

# The numbers of addresses in the largest networks that one organization usually holds. Source:
# assessments.estate.identity.named_locations
_LARGEST_IPV4: Final = 2**24
_LARGEST_IPV6: Final = 2**99


def _named_locations(ctx: Context) -> Verdict:
    is_on, defaults_error = read_security_defaults(ctx)
    if is_on:
        return not_applicable(
            "Security defaults are on, so no policy can use named locations", securityDefaults=True
        )
    try:
        locations = ctx.documents(NAMED_LOCATIONS)
    except CollectionUnavailable as error:
        if error.gap.reason is not Reason.LICENCE_MISSING:
            raise
        if defaults_error is not None:
            raise defaults_error from None
        return not_applicable("The directory has no licence for Conditional Access")
    if defaults_error is not None:
        raise defaults_error
    trusted = [one for one in locations if _is_trusted(one)]
    names = sorted(one.id for one in trusted)
    if not trusted:
        return failed("No named location with IP addresses is trusted", locations=names)
    found = excluded_addresses(trusted, {ALL_TRUSTED}, "")
    v4, v6 = size(found.v4), size(found.v6)
    observed: dict[str, Any] = {"locations": names, "ipv4Addresses": v4, "ipv6Addresses": v6}
    if v4 > _LARGEST_IPV4 or v6 > _LARGEST_IPV6:
        return failed(
            "The trusted locations contain more addresses than one organization can be expected to have",
            **observed,
        )
    remarks = (
        []
        if v4 or v6
        else ["The trusted locations contain only private addresses, from which nobody signs in"]
    )
    return passed("Trusted locations are defined", remarks=remarks, **observed)


def _is_trusted(location: View) -> bool:
    """Return whether a named location is trusted and has addresses. Only locations with addresses can be trusted."""
    kind = location.text("@odata.type").rpartition(".")[2].casefold()
    if kind == "countrynamedlocation":
        return False
    if kind != "ipnamedlocation":
        raise location.unreadable("@odata.type", "not a known kind of location")
    return location.flag("isTrusted") and bool(location.items("ipRanges"))


NAMED = per_scope(
    needs=(SECURITY_DEFAULTS, NAMED_LOCATIONS),
    slug="identity-named-locations",
    doc=Doc(
        "Trusted network locations are defined",
        "No trusted network locations, or too large ones",
        "At least one named location with the networks of the organization is trusted, and together the trusted"
        " locations contain no more addresses than one organization can be expected to have",
        "The named locations of Conditional Access. Passes if at least one location with IP addresses is marked as"
        " trusted. Fails if there is none, or if the trusted locations together contain more public addresses than a /8"
        " of IPv4 or a /29 of IPv6. Locations of countries do not count. Not applicable with security defaults, and"
        " without a licence for Conditional Access.",
        "Trusted locations lower the risk that Microsoft attributes to a sign-in, and policies refer to them. Without"
        " trusted locations, sign-ins at the office look like all others. With a location that is too large, sign-ins"
        " of attackers count as trusted.",
    ),
    fix=Fix(
        graph(
            "POST",
            "/v1.0/identity/conditionalAccess/namedLocations",
            "Policy.Read.All",
            "Policy.ReadWrite.ConditionalAccess",
            intro="Create a trusted location with the public addresses of the organization.",
            body={
                "@odata.type": "#microsoft.graph.ipNamedLocation",
                "displayName": "Offices",
                "isTrusted": True,
                "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "{network}"}],
            },
        ),
        advice(
            "If a trusted location is too large, remove the networks that do not belong to the organization."
        ),
        portal="Entra admin center › Entra ID › Conditional Access › Named locations",
        portal_source="https://learn.microsoft.com/entra/identity/conditional-access/concept-assignment-network",
        cost=CONDITIONAL_ACCESS_COST,
        effects="Policies that exclude all trusted locations exclude the new location too.",
        variables=[Variable("network", "Public network of the organization", "203.0.113.0/24")],
    ),
    severity=Severity.LOW,
    labels={"locations": "Trusted locations"},
    references=References(
        c2="1.2.1",
        c3="2.2.1",
        c4="6.2.1",
        c5="5.2.1",
        nist="AC-4*",
    ),
)(_named_locations)

CONTROLS = (NAMED,)
