"""The control storage-public-file: File shares are not reachable from public networks."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_subject
from assessments.controls.references import Partly, References
from assessments.controls.shared.perimeters import (
    FIX_PERIMETER,
    PERIMETER_VARIABLES,
    join_verdicts,
    judge_perimeter,
    read_public_access,
)
from assessments.controls.storage._accounts import (
    ALLOW_SUBNET,
    AUDITING_STOPS,
    CLIENT_SUBNET,
    opens_by_own_rules,
)
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import FILE_SHARES, STORAGE_ACCOUNTS, STORAGE_PERIMETERS
from assessments.estate.network.perimeters import Perimeter
from assessments.estate.ranges import INTERNET_IPV4, INTERNET_IPV6, widest_above
from assessments.estate.services.storage import holds_files, network_closed
from assessments.estate.services.storage_rules import RULE_LISTS, allowed_networks, rules_for_the_internet
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable

FIX = Fix(
    command(
        "az storage account network-rule add --resource-group {group} --account-name {account}"
        " --ip-address {allowed} --subscription {subscription}",
        "First allow each network that needs the shares.",
        when=opens_by_own_rules,
    ),
    ALLOW_SUBNET,
    command(
        "az storage account update --resource-group {group} --name {account} --default-action Deny"
        " --subscription {subscription}",
        "Then refuse all other networks.",
        when=lambda facts: not facts.texts("rules") and opens_by_own_rules(facts),
    ),
    advice(
        "Then remove the IP rules that the finding names: Azure portal › Storage accounts › the account › Security +"
        " networking › Networking › Manage.",
        when=lambda facts: bool(facts.texts("rules")),
    ),
    FIX_PERIMETER,
    portal="Azure portal › Storage accounts › {account} › Security + networking › Networking › Manage › Enable"
    " › Enabled from selected networks",
    portal_source="https://learn.microsoft.com/azure/storage/common/storage-network-security-set-default-access",
    effects="Every network that is not allowed loses access to all services of the account, including blobs."
    f"{AUDITING_STOPS}",
    variables=[
        CLIENT_SUBNET,
        Variable("allowed", "Public address or network that needs the shares", "203.0.113.0/24"),
        *PERIMETER_VARIABLES,
    ],
)


@per_subject(
    STORAGE_ACCOUNTS,
    needs=[FILE_SHARES, STORAGE_PERIMETERS],
    fix=FIX,
    severity=Severity.MEDIUM,
    references=References(
        c2="3.8",
        c3="4.6 4.7",
        c4="10.3.2.2 10.3.2.3",
        c5="9.3.2.2 9.3.2.3",
        c6="9.3.2.2 9.3.2.3",
        mcsb="NS-2",
        nist="AC-4 SC-7",
        partly=(
            Partly(
                "c2 c3:4.7 c4:10.3.2.3 c5:9.3.2.3 c6:9.3.2.3",
                "The control checks only accounts with file shares",
            ),
            Partly(
                "c3:4.6 c4:10.3.2.2 c5:9.3.2.2 c6:9.3.2.2",
                "The control checks only accounts with file shares. The requirement asks for disabled"
                " network access; the control also accepts the default action Deny",
            ),
        ),
    ),
)
def public_file(account: View, ctx: Context) -> Verdict:
    """File shares are not reachable from public networks.

    Problem: File shares reachable from public networks
    Expected: Public network access is off or restricted, or networks without a rule are denied
    Judged: Each storage account with file shares. Azure Files has no anonymous access, so the network settings decide.

    The account's network rules count if public network access is on and no network security perimeter is enforced. Then
    the default action must be Deny (an account without network rules fails), and the IP rules may together allow fewer
    than 2^24 IPv4 addresses and fewer than 2^96 IPv6 addresses.

    The inbound access rules of a perimeter have the same limits. If the perimeter is not enforced, the addresses of the
    access rules and of the IP rules are added up. Access rules for service tags need an attestation.
    Why: If every network can reach a share, one leaked key exposes it to everybody.
    """
    if not holds_files(account):
        return not_applicable("Accounts of this kind have no file service")
    shares, gap = ctx.partial_at(FILE_SHARES, account.id)
    if gap and not shares:
        raise CollectionUnavailable(gap)
    if not shares:
        return not_applicable("The account has no file shares")
    names = sorted(share.name for share in shares)
    access = read_public_access(account, STORAGE_PERIMETERS, ctx, is_closed=network_closed(account))
    by_perimeter = judge_perimeter(
        access,
        lambda perimeter: perimeter.rules_for_the_internet({4: INTERNET_IPV4, 6: INTERNET_IPV6}),
        what="account",
        shares=names,
    )
    if access.by_own_rules:
        return join_verdicts(
            by_perimeter,
            lambda: _judge_rules(account, names),
            lambda: _judge_together(account, names, access.perimeter),
        )
    return by_perimeter or passed(
        "The public endpoint is closed", publicNetworkAccess=access.value, shares=names
    )


def _judge_rules(account: View, names: list[str]) -> Verdict:
    # If the account has no network rule set, every network can reach it: `defaultAction` is Allow by default.
    # storage/resource-manager/Microsoft.Storage/stable/2021-06-01/storage.json (NetworkRuleSet)
    acls = account.object("properties").object("networkAcls", default={"defaultAction": "Allow"})
    action = acls.text("defaultAction")
    if acls.choice("defaultAction", {"allow", "deny"}) == "deny":
        if rules := rules_for_the_internet(acls):
            return failed(
                f"The IP rules let the Internet reach the shares: {', '.join(names)}",
                defaultAction=action,
                rules=rules,
                shares=names,
            )
        return passed("Only selected networks can reach the shares", defaultAction=action, shares=names)
    return failed(
        f"Every network can reach the shares: {', '.join(names)}", defaultAction=action, shares=names
    )


def _judge_together(account: View, names: list[str], perimeter: Perimeter | None) -> Verdict | None:
    """Return a failure if two lists together let the Internet in: the IP rules, and those of a perimeter that is not
    enforced.
    """
    acls = account.object("properties").object("networkAcls")
    found: list[tuple[bool, str]] = []
    for version, key, internet, _ in RULE_LISTS:
        own = [(False, rule, block) for rule, block in allowed_networks(acls, version, key).items()]
        theirs = [
            (True, rule.name, rule.range)
            for rule in (perimeter.rules if perimeter else ())
            if rule.version == version
        ]
        found += [
            (by_perimeter, rule)
            for by_perimeter, rule, _ in widest_above([*own, *theirs], lambda part: part[2], internet)
        ]
    if not found or perimeter is None:
        return None
    return failed(
        "The IP rules and the network security perimeter together let the Internet reach the shares:"
        f" {', '.join(names)}",
        rules=sorted(rule for by_perimeter, rule in found if not by_perimeter),
        perimeterRules=sorted({rule for by_perimeter, rule in found if by_perimeter}),
        shares=names,
        **perimeter.observed(),
    )
