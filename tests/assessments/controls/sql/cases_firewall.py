"""Firewalls of SQL servers."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.sql.server_documents import (
    AZURE,
    BROKEN,
    CLOSED,
    EVERYONE,
    ID,
    NO_LIST,
    NO_V4,
    NO_V6,
    NONE,
    OFFICE,
    PERIMETER,
    UNSTATED,
    docs,
    server,
    v4,
    v6,
)


def access_rule(name: str, *prefixes: str, direction: Any = "Inbound", **more: Any) -> dict[str, Any]:
    return {"name": name, "properties": {"direction": direction, "addressPrefixes": list(prefixes), **more}}


def within(
    *rules: dict[str, Any], body: dict[str, Any] = PERIMETER, mode: Any = "Enforced", own: Any = ()
) -> dict[str, Any]:
    """A server in a network security perimeter with these access rules. `own`: the server's firewall rules."""
    identifier = f"{ID}/networkSecurityPerimeterConfigurations/00000001-2222-3333-4444-111144444444.assoc1"
    association = {"name": "assoc1", "accessMode": mode}
    properties = {
        "networkSecurityPerimeter": {
            "id": "/subscriptions/s/providers/Microsoft.Network/networkSecurityPerimeters/nsp1"
        },
        "profile": {"name": "p", "accessRules": list(rules)},
        "resourceAssociation": association,
    }
    return {**docs(*own, body=body), "sql_perimeters": {ID: [doc(identifier, properties)]}}


EVERYBODY = access_rule("all", "0.0.0.0/0")
PERIMETER_ROWS: tuple[tuple[Any, ...], ...] = (
    ("a perimeter that lets everybody in", within(EVERYBODY), {ID: "fail"}, {"reason": "through all"}),
    # The rules of a perimeter apply to each associated server, even if public access of the server is disabled.
    ("public access disabled, in an open perimeter", within(EVERYBODY, body=CLOSED), {ID: "fail"}),
    (
        "public access disabled, learning from an open perimeter",
        within(EVERYBODY, body=CLOSED, mode="Learning"),
        {ID: "fail"},
    ),
    # If the server's association with the perimeter is enforced, the access rules of the perimeter replace the firewall
    # rules of the server. In learning mode, both the access rules and the firewall rules apply.
    (
        "public access, an enforced perimeter without rules",
        within(body=server(), own=[EVERYONE]),
        {ID: "pass"},
        {"reason": "lets no public network in", "remark": "Inactive firewall rules: everyone"},
    ),
    ("public access, an open enforced perimeter", within(EVERYBODY, body=server()), {ID: "fail"}),
    (
        "public access, a learning perimeter without rules",
        within(body=server(), own=[EVERYONE], mode="Learning"),
        {ID: "fail"},
        {"reason": "everyone"},
    ),
    (
        "public access, an open learning perimeter",
        within(EVERYBODY, body=server(), own=[OFFICE], mode="Learning"),
        {ID: "fail"},
        {"reason": "perimeter lets too many addresses in through all"},
    ),
    (
        "public access, an open learning perimeter, an open firewall",
        within(EVERYBODY, body=server(), own=[EVERYONE], mode="Learning"),
        {ID: "fail"},
        {"reason": "everyone; The network security perimeter lets too many addresses in through all"},
    ),
    (
        "public access, an open learning perimeter, an unreadable firewall",
        within(EVERYBODY, body=server(), own=[BROKEN], mode="Learning"),
        {ID: "fail"},
        {"reason": "perimeter lets too many addresses in through all"},
    ),
    (
        "public access, the perimeter and the firewall let offices in",
        within(access_rule("office", "198.51.100.0/24"), body=server(), own=[OFFICE], mode="learning"),
        {ID: "pass"},
        {"remark": "perimeter lets in: 198.51.100.0/24"},
    ),
    (
        "public access, a service tag in a learning perimeter",
        within(access_rule("tag", serviceTags=["Sql"]), body=server(), own=[OFFICE], mode="Audit"),
        {ID: "manual"},
    ),
    (
        "public access, a service tag in a learning perimeter, an open firewall",
        within(access_rule("tag", serviceTags=["Sql"]), body=server(), own=[EVERYONE], mode="Learning"),
        {ID: "fail"},
    ),
    ("an unknown access mode", within(body=server(), own=[EVERYONE], mode="Strict"), {ID: "unknown"}),
    (
        "public access, perimeters forbidden",
        docs(OFFICE),
        {ID: "unknown"},
        {"gaps": [gap("sql_perimeters", ID)]},
    ),
    (
        "a cloud without perimeters, public access",
        docs(OFFICE),
        {ID: "pass"},
        {"gaps": [gap("sql_perimeters", ID, Reason.API_VERSION, 400)]},
    ),
    (
        "a perimeter that lets an office in",
        within(access_rule("office", "198.51.100.0/24")),
        {ID: "pass"},
        {"remark": "198.51.100.0/24"},
    ),
    ("a perimeter without rules", within(), {ID: "pass"}),
    ("only outbound rules", within(access_rule("out", "0.0.0.0/0", direction="Outbound")), {ID: "pass"}),
    ("a rule for subscriptions", within(access_rule("own", subscriptions=[SUB])), {ID: "pass"}),
    (
        "a rule for a service tag",
        within(access_rule("tag", serviceTags=["AzureCloud"])),
        {ID: "manual"},
        {
            "reason": "Attest that the network security perimeter",
            "remark": "Service tags that the perimeter lets in: AzureCloud",
        },
    ),
    ("a rule for nothing", within(access_rule("empty")), {ID: "unknown"}),
    ("a rule with a name for a network", within(access_rule("odd", "office")), {ID: "unknown"}),
    ("a rule of an unknown direction", within(access_rule("a", "::1", direction="Both")), {ID: "unknown"}),
    ("perimeters forbidden", docs(body=PERIMETER), {ID: "unknown"}, {"gaps": [gap("sql_perimeters", ID)]}),
    (
        "a cloud without perimeters, public access disabled",
        docs(body=CLOSED),
        {ID: "pass"},
        {"gaps": [gap("sql_perimeters", ID, Reason.API_VERSION, 400)]},
    ),
    (
        "a cloud without perimeters, secured by a perimeter",
        docs(body=PERIMETER),
        {ID: "manual"},
        {"gaps": [gap("sql_perimeters", ID, Reason.API_VERSION, 400)]},
    ),
)


CASES = [
    *rows(
        "sql-firewall-internet",
        ("office range", docs(OFFICE), {ID: "pass"}),
        ("no rules", docs(), {ID: "pass"}, {"reason": "No firewall rule allows access"}),
        ("open to everyone", docs(EVERYONE), {ID: "fail"}, {"reason": "everyone"}),
        ("access absent", docs(EVERYONE, body=UNSTATED), {ID: "fail"}),
        (
            "Internet in two ranges",
            docs(v4("a", "1.0.0.0", "1.127.255.255"), v4("b", "1.128.0.0", "1.255.255.255")),
            {ID: "fail"},
        ),
        (
            "one address below the limit",
            docs(v4("a", "1.0.0.0", "1.255.255.254")),
            {ID: "pass"},
            {"remark": "Allowed networks: 1.0.0.0 to 1.255.255.254"},
        ),
        (
            "IPv6",
            docs(v6("all", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")),
            {ID: "fail"},
            {"reason": "IPv6"},
        ),
        (
            "IPv6 /32",
            docs(v6("a", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")),
            {ID: "fail"},
            {"remark": "Allowed networks: 2001:db8::/32"},
        ),
        ("IPv6 /64", docs(v6("a", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff")), {ID: "pass"}),
        (
            "IPv6, which is off",
            docs(
                v6("all", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                body=server(isIPv6Enabled="Disabled"),
            ),
            {ID: "fail"},
            {"remark": "IPv6 is off for the server"},
        ),
        (
            "IPv6, which is on",
            docs(
                v6("a", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff"), body=server(isIPv6Enabled="Enabled")
            ),
            {ID: "pass"},
            {"no_remark": "IPv6 is off"},
        ),
        (
            "IPv6 is off, and no rule is about it",
            docs(OFFICE, body=server(isIPv6Enabled="Disabled")),
            {ID: "pass"},
            {"no_remark": "IPv6 is off"},
        ),
        ("Azure services", docs(AZURE), {ID: "pass"}),
        (
            "Azure services and one network",
            docs(v4("a", "1.0.0.0", "1.0.0.255"), AZURE),
            {ID: "pass"},
            {"remark": "Allowed networks: 1.0.0.0/24"},
        ),
        (
            "end before start",
            docs(v4("a", "255.255.255.255", "0.0.0.0")),
            {ID: "unknown"},
            {"reason": "because their last address is before their first address: a"},
        ),
        (
            "end before start, with a rule for everyone",
            docs(v4("a", "255.255.255.255", "0.0.0.0"), EVERYONE),
            {ID: "fail"},
            {"remark": "because their last address is before their first address: a"},
        ),
        ("public access disabled", docs(EVERYONE, body=CLOSED), {ID: "pass"}, {"remark": "everyone"}),
        (
            "secured by a perimeter, not associated",
            docs(EVERYONE, body=PERIMETER),
            {ID: "pass"},
            {"remark": "Inactive firewall rules"},
        ),
        *PERIMETER_ROWS,
        (
            "a perimeter that lets a large network in",
            within(access_rule("all of it", "10.0.0.0/9")),
            {ID: "pass"},
            {"remark": "10.0.0.0/9"},
        ),
        (
            "a perimeter that lets the Internet in, in two rules",
            within(access_rule("low", "0.0.0.0/1"), access_rule("high", "128.0.0.0/1")),
            {ID: "fail"},
            {"reason": "high, low"},
        ),
        (
            "a learning perimeter and a firewall that let the Internet in together",
            within(
                access_rule("low", "0.0.0.0/9"),
                body=server(),
                own=[v4("high", "128.0.0.0", "128.127.255.255")],
                mode="Learning",
            ),
            {ID: "fail"},
            {"reason": "together allow too many IPv4 addresses"},
        ),
        (
            "a learning perimeter and a firewall that let the same half in",
            within(
                access_rule("low", "0.0.0.0/9"),
                body=server(),
                own=[v4("also low", "0.0.0.0", "0.127.255.255")],
                mode="Learning",
            ),
            {ID: "pass"},
        ),
        ("a perimeter that lets all of IPv6 in", within(access_rule("six", "::/0")), {ID: "fail"}),
        (
            "public access disabled, rules forbidden",
            docs(body=CLOSED),
            {ID: "pass"},
            {**NO_V4, "remark": "could not be read"},
        ),
        ("unknown access value", docs(body=server(publicNetworkAccess="Perhaps")), {ID: "unknown"}),
        ("access is a boolean", docs(body=server(publicNetworkAccess=False)), {ID: "unknown"}),
        ("unreadable rule", docs(BROKEN), {ID: "unknown"}),
        ("one rule unreadable, one open", docs(BROKEN, EVERYONE), {ID: "fail"}),
        ("end address absent", docs(v4("a", "198.51.100.1", None)), {ID: "unknown"}),
        ("rules forbidden", docs(), {ID: "unknown"}, NO_V4),
        ("IPv6 rules forbidden", docs(OFFICE), {ID: "unknown"}, NO_V6),
        ("IPv6 rules forbidden, IPv4 open", docs(EVERYONE), {ID: "fail"}, NO_V6),
        NO_LIST,
        NONE,
    ),
    *rows(
        "sql-firewall-wide",
        ("office range", docs(OFFICE), {ID: "pass"}),
        (
            "one address above the limit",
            docs(v4("a", "198.51.100.0", "198.51.101.0")),
            {ID: "fail"},
            {"reason": "a"},
        ),
        ("lower max_range", docs(OFFICE), {ID: "fail"}, {"params": {"max_range": 16}}),
        ("IPv6 /64", docs(v6("a", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff")), {ID: "pass"}),
        ("IPv6 /63", docs(v6("a", "2001:db8::", "2001:db8:0:1:ffff:ffff:ffff:ffff")), {ID: "fail"}),
        (
            "more than 50 rules",
            docs(*[v4(f"r{n}", f"198.51.100.{n}", f"198.51.100.{n}") for n in range(51)]),
            {ID: "pass"},
            {"remark": "51 rules"},
        ),
        (
            "public access disabled",
            docs(EVERYONE, body=CLOSED),
            {ID: "pass"},
            {"remark": "Inactive firewall rules"},
        ),
        ("secured by a perimeter, not associated", docs(EVERYONE, body=PERIMETER), {ID: "pass"}),
        *PERIMETER_ROWS,
        ("a perimeter that lets a large network in", within(access_rule("wide", "10.0.0.0/9")), {ID: "fail"}),
        (
            "end before start",
            docs(v6("a", "2001:db8::1", "2001:db8::")),
            {ID: "unknown"},
            {"reason": "because their last address is before their first address: a"},
        ),
        ("unreadable rule", docs(BROKEN), {ID: "unknown"}),
        ("one rule unreadable, one too wide", docs(BROKEN, EVERYONE), {ID: "fail"}),
        ("rules forbidden", docs(), {ID: "unknown"}, NO_V4),
        NO_LIST,
        NONE,
    ),
    *rows(
        "sql-firewall-azure-services",
        ("office range", docs(OFFICE), {ID: "pass"}),
        ("rule with any name", docs(AZURE), {ID: "fail"}, {"reason": "whatever"}),
        ("rule for everyone is not counted", docs(EVERYONE), {ID: "pass"}),
        ("end before start", docs(v4("a", "255.255.255.255", "0.0.0.0")), {ID: "pass"}),
        (
            "public access disabled",
            docs(AZURE, body=CLOSED),
            {ID: "pass"},
            {"remark": "Inactive firewall rules"},
        ),
        (
            "secured by a perimeter",
            within(own=[AZURE]),
            {ID: "pass"},
            {"reason": "A network security perimeter decides"},
        ),
        (
            "secured by a perimeter, not associated",
            docs(AZURE, body=PERIMETER),
            {ID: "pass"},
            {"reason": "Public network access is off"},
        ),
        (
            "public access, enforced perimeter",
            within(body=server(), own=[AZURE]),
            {ID: "pass"},
            {"reason": "A network security perimeter decides"},
        ),
        (
            "public access, learning perimeter",
            within(body=server(), own=[AZURE], mode="Learning"),
            {ID: "fail"},
        ),
        *(
            (
                f"a perimeter for the service tag {tag}, {mode}, {body['properties']['publicNetworkAccess']}",
                within(access_rule("tag", serviceTags=["Sql", tag]), body=body, own=[OFFICE], mode=mode),
                {ID: expect},
                {"reason": reason, "remark": remark},
            )
            for tag, mode, body, expect, reason, remark in (
                ("azurecloud", "Enforced", server(), "fail", "lets all of Azure in through tag", ""),
                ("AzureCloud", "Learning", server(), "fail", "lets all of Azure in through tag", ""),
                ("AzureCloud", "Learning", CLOSED, "fail", "lets all of Azure in through tag", ""),
                (
                    "AzureCloud.westeurope",
                    "Enforced",
                    server(),
                    "manual",
                    "Attest that the service tags",
                    "Sql",
                ),
                ("AzureDevOps", "Learning", server(), "manual", "Attest", "lets in: AzureDevOps, Sql"),
            )
        ),
        (
            "a learning perimeter for a service tag, the firewall lets Azure in",
            within(access_rule("tag", serviceTags=["Sql"]), body=server(), own=[AZURE], mode="Learning"),
            {ID: "fail"},
            {"reason": "Every service in Azure", "remark": "Service tags"},
        ),
        ("perimeters forbidden", docs(AZURE), {ID: "unknown"}, {"gaps": [gap("sql_perimeters", ID)]}),
        ("unreadable rule", docs(BROKEN), {ID: "unknown"}),
        ("one rule unreadable, one allows Azure", docs(BROKEN, AZURE), {ID: "fail"}),
        ("rules forbidden", docs(), {ID: "unknown"}, NO_V4),
        ("rules incomplete", docs(AZURE), {ID: "fail"}, NO_V4),
        NO_LIST,
        NONE,
    ),
    *rows(
        "sql-public-network-access",
        ("public access disabled", docs(body=CLOSED), {ID: "pass"}),
        (
            "secured by a perimeter",
            within(access_rule("office", "198.51.100.0/24")),
            {ID: "pass"},
            {"reason": "restricted to a network security perimeter", "remark": "lets in: 198.51.100.0/24"},
        ),
        (
            "public access disabled, in a perimeter",
            within(EVERYBODY, body=CLOSED),
            {ID: "pass"},
            {"reason": "restricted to a network security perimeter", "remark": "lets in: 0.0.0.0/0"},
        ),
        (
            "secured by a perimeter, not associated",
            docs(body=PERIMETER),
            {ID: "pass"},
            {"reason": "Public network access is off"},
        ),
        (
            "a cloud without perimeters, secured by a perimeter",
            docs(body=PERIMETER),
            {ID: "pass"},
            {
                "gaps": [gap("sql_perimeters", ID, Reason.API_VERSION, 400)],
                "remark": "not read in this cloud",
            },
        ),
        (
            "perimeters forbidden",
            docs(body=PERIMETER),
            {ID: "unknown"},
            {"gaps": [gap("sql_perimeters", ID)]},
        ),
        (
            "enforced perimeter, strict",
            within(body=server(), own=[OFFICE]),
            {ID: "pass"},
            {"params": {"strict": True}, "reason": "restricted to a network security perimeter"},
        ),
        (
            "learning perimeter, strict",
            within(body=server(), own=[OFFICE], mode="Learning"),
            {ID: "fail"},
            {"params": {"strict": True}},
        ),
        (
            "learning from an open perimeter, rules present",
            within(EVERYBODY, body=server(), own=[OFFICE], mode="Learning"),
            {ID: "pass"},
            {"reason": "and to those of the network security perimeter", "remark": "lets in: 0.0.0.0/0"},
        ),
        (
            "learning from a perimeter for a service tag, no rules",
            within(access_rule("tag", serviceTags=["Sql"]), body=server(), mode="Learning"),
            {ID: "pass"},
            {
                "reason": "Only the network security perimeter allows access",
                "remark": "Service tags that the perimeter",
            },
        ),
        ("no rules", docs(), {ID: "pass"}, {"remark": "the server has no rules"}),
        ("rules present", docs(OFFICE), {ID: "pass"}, {"remark": "rules: 1"}),
        ("rules present, strict", docs(OFFICE), {ID: "fail"}, {"params": {"strict": True}}),
        (
            "network rule, strict",
            {**docs(), "sql_virtual_network_rules": [doc(f"{ID}/virtualNetworkRules/v")]},
            {ID: "fail"},
            {"params": {"strict": True}},
        ),
        ("no rules, strict", docs(), {ID: "pass"}, {"params": {"strict": True}}),
        ("setting absent", docs(OFFICE, body=UNSTATED), {ID: "pass"}, {"remark": "is on"}),
        ("unknown access value", docs(body=server(publicNetworkAccess="Perhaps")), {ID: "unknown"}),
        ("rules forbidden", docs(), {ID: "unknown"}, NO_V4),
        NO_LIST,
        NONE,
    ),
]

ABSENCE_PASSES = [
    (r"sql-.*", r"properties\.publicNetworkAccess", "absent means Enabled, and the rules decide"),
]
OFFICIAL_VERDICTS = """
sql-firewall-azure-services fail: sqlcrudtest-4645
sql-firewall-azure-services pass: sqlcrudtest-6661
sql-firewall-internet fail: sqlcrudtest-6661
sql-firewall-internet pass: sqlcrudtest-4645 testinstance1
sql-firewall-internet unknown: testvm  # the example's address has no SKU, and a Basic address lets everybody in
sql-firewall-wide fail: sqlcrudtest-6661
sql-firewall-wide pass: sqlcrudtest-4645
sql-public-network-access pass: sqlcrudtest-4645 sqlcrudtest-6661
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › SQL servers › {server} › Security › Networking › Public access"
        " › Allow Azure services and resources to access this server › clear the box",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/network-access-controls-overview.md",
            "3493e41c983515f5a2bbb450dda1644bf5c72dc8",
            "Allow Azure services and resources to access this server is unchecked",
            "change this setting via the Networking setting",
        ),
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/connectivity-settings.md",
            "07cabaeab86d38dcb28d3b57be15ab3a22a3f84e",
            "go to your SQL server resource. Under the Security settings, select Networking",
            "choose the Public access tab",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL servers, SQL managed instances or Virtual machines › the resource › Networking",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/firewall-create-server-level-portal-quickstart.md",
            "029ab8d7481e82ea0a8b2afeece98a774fe847de",
            "selecting Networking under Security",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL servers › {server} › Security › Networking › Public access › Firewall rules",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/firewall-create-server-level-portal-quickstart.md",
            "029ab8d7481e82ea0a8b2afeece98a774fe847de",
            "selecting Networking under Security",
            "Set Public network access to Selected networks to reveal the virtual networks and firewall rules",
        ),
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/connectivity-settings.md",
            "07cabaeab86d38dcb28d3b57be15ab3a22a3f84e",
            "choose the Public access tab",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL servers › {server} › Security › Networking › Public access"
        " › Public network access › Disable",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/connectivity-settings.md",
            "07cabaeab86d38dcb28d3b57be15ab3a22a3f84e",
            "go to your SQL server resource. Under the Security settings, select Networking",
            "choose the Public access tab",
            "set the Public network access",
            "Disabled",
        ),
    ),
]
