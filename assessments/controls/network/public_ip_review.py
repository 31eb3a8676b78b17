"""The control network-public-ip-review: Public addresses are used and reviewed.

Properties: azure-mgmt-network 33.1.0 (PublicIPAddress)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Answer, each_subject, judgements, unknown_from
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, manual
from assessments.estate.collections.network import PUBLIC_ADDRESSES
from assessments.estate.ids import fold
from assessments.estate.network.sql_interfaces import reference
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable, segment

_LEARN: Final = "https://learn.microsoft.com/azure"


def _attachment(address: View) -> str:
    """Return the case-folded id of the IP configuration or NAT gateway that uses an address, or an empty string if
    nothing uses the address. Raise Unreadable if a needed property cannot be read.
    """
    properties = address.object("properties")
    return fold(reference(properties, "ipConfiguration") or reference(properties, "natGateway"))


def _unused(_address: View, _ctx: Context) -> Verdict:
    return failed("Nothing uses the public address")


def _is_unused(address: View, _ctx: Context) -> bool:
    return not _attachment(address)


@judgements(
    needs=(PUBLIC_ADDRESSES,),
    subject_type="Microsoft.Network/publicIPAddresses",
    empty_reason="No public addresses",
    slug="network-public-ip-review",
    doc=Doc(
        title="Public addresses are used and reviewed",
        problem="Public addresses unused or not reviewed",
        expected="Each public address is in use, and somebody attests every half year that it is needed",
        judged="Each public address that nothing uses fails. All addresses of a subscription together need one"
        " attestation, which ends when an address is added or removed, or is used by another resource. Which services"
        " answer at an address is not tested.",
        why="Each public address is a place at which the whole Internet can try to get in.",
    ),
    severity=Severity.LOW,
    labels={"addresses": "Public addresses"},
    references=References(
        c2="6.7",
        c3="7.7",
        c4="8.7",
        c5="7.7",
        c6="7.7",
        nist="CM-8*",
        partly=(Partly("c2 c3 c4 c5 c6", "A person attests that the addresses were reviewed"),),
    ),
    fix=Fix(
        command(
            "az network public-ip delete --resource-group {group} --name {address} --subscription {subscription}",
            "Delete the address if nobody needs it.",
            kinds=("microsoft.network/publicipaddresses",),
        ),
        advice(
            "Review all public addresses of the subscription. Then attest in Surety that every address is needed."
        ),
        portal="Azure portal › Public IP addresses",
        portal_source=f"{_LEARN}/virtual-network/ip-services/virtual-network-public-ip-address",
        effects="A deleted address belongs to Azure again: first delete the DNS records that name it.",
        variables=[
            Variable(
                "address",
                "Name of the public address",
                "pip-web",
                "the public address",
                segment("publicIPAddresses"),
            )
        ],
    ),
    is_manual=True,
    answer=Answer(days=180, bound=True),
)
def public_ip_review(ctx: Context) -> Iterator[Judgement]:
    """Judge each public address that nothing uses, and ask for a review of all public addresses."""
    yield from each_subject(_unused, PUBLIC_ADDRESSES, ctx, _is_unused)
    addresses, gaps = ctx.partial(PUBLIC_ADDRESSES)
    if gaps or not addresses:
        return
    try:
        uses = sorted(f"{fold(address.id)} {_attachment(address)}" for address in addresses)
    except Unreadable as error:
        yield Judgement(ctx.scope_id, unknown_from(error))
        return
    digest = hashlib.sha256("\n".join(uses).encode()).hexdigest()
    yield Judgement(
        ctx.scope_id,
        manual("Attest that every public address is needed", addresses=len(uses), listSha256=digest),
    )
