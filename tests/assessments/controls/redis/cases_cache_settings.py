"""Redis: encryption, TLS, public networks and sign-in of caches, clusters and databases."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

_PROVIDER = f"{RG}/providers/Microsoft.Cache"
CACHE, CLUSTER = f"{_PROVIDER}/Redis/cache1", f"{_PROVIDER}/redisEnterprise/cluster1"
DATABASE = f"{CLUSTER}/databases/default"
RETIRES_2028, RETIRES_2027 = "30 September 2028", "31 March 2027"


def _listed(body: dict[str, Any]) -> dict[str, Any]:
    return {SUB: [{key: body[key] for key in ("id", "name", "type")}]}


def cache(**properties: Any) -> dict[str, Any]:
    body = doc(CACHE, properties, type="Microsoft.Cache/Redis", location="westeurope")
    return {"resources": _listed(body), "redis_caches": [body]}


def cluster(kind: Any = "v2", **properties: Any) -> dict[str, Any]:
    body = doc(CLUSTER, properties, type="Microsoft.Cache/redisEnterprise", kind=kind)
    return {"resources": _listed(body), "redis_clusters": [body]}


def database(kind: Any = "v2", **properties: Any) -> dict[str, Any]:
    body = doc(DATABASE, properties, type="Microsoft.Cache/redisEnterprise/databases")
    return {**cluster(kind), "redis_databases": {CLUSTER: [body]}}


NONE: tuple[Any, ...] = ("no Redis", {}, {SUB: "not_applicable"})
NO_CACHES: tuple[Any, ...] = (
    "caches forbidden",
    {"resources": cache()["resources"]},
    {SUB: "unknown"},
    {"gaps": [gap("redis_caches")]},
)
NO_CLUSTERS: tuple[Any, ...] = (
    "clusters forbidden",
    {"resources": cluster()["resources"]},
    {SUB: "unknown"},
    {"gaps": [gap("redis_clusters")]},
)
NO_DATABASES: tuple[Any, ...] = (
    "databases forbidden",
    cluster(),
    {SUB: "unknown"},
    {"gaps": [gap("redis_databases", CLUSTER)]},
)

CASES = [
    *rows(
        "redis-encrypted-only",
        ("off", cache(enableNonSslPort=False), {CACHE: "pass"}, {"remark": RETIRES_2028}),
        ("not stated", cache(), {CACHE: "pass"}),
        ("on", cache(enableNonSslPort=True), {CACHE: "fail"}, {"remark": RETIRES_2028}),
        ("text", cache(enableNonSslPort="false"), {CACHE: "unknown"}),
        ("database, TLS", database(clientProtocol="Encrypted"), {DATABASE: "pass"}, {"no_remark": "retire"}),
        ("database, not stated", database(), {DATABASE: "pass"}),
        ("database, no TLS", database(clientProtocol="Plaintext"), {DATABASE: "fail"}),
        (
            "database of the Enterprise tier",
            database("v1", clientProtocol="Plaintext"),
            {DATABASE: "fail"},
            {"remark": RETIRES_2027},
        ),
        ("database, another protocol", database(clientProtocol="Morse"), {DATABASE: "unknown"}),
        NO_CACHES,
        NO_DATABASES,
        NONE,
    ),
    *rows(
        "redis-tls",
        ("1.2", cache(minimumTlsVersion="1.2"), {CACHE: "pass"}),
        ("1.3", cache(minimumTlsVersion="1.3"), {CACHE: "pass"}),
        ("1.1", cache(minimumTlsVersion="1.1"), {CACHE: "fail"}),
        ("1.0", cache(minimumTlsVersion="1.0"), {CACHE: "fail"}),
        ("not stated", cache(), {CACHE: "pass"}, {"reason": "default"}),
        ("a new version", cache(minimumTlsVersion="2.0"), {CACHE: "unknown"}),
        ("cluster, 1.2", cluster(minimumTlsVersion="1.2"), {CLUSTER: "pass"}, {"no_remark": "retire"}),
        ("cluster, not stated", cluster(), {CLUSTER: "pass"}),
        ("cluster, 1.0", cluster("v1", minimumTlsVersion="1.0"), {CLUSTER: "fail"}, {"remark": RETIRES_2027}),
        ("cluster, number", cluster(minimumTlsVersion=1.2), {CLUSTER: "unknown"}),
        NO_CACHES,
        NO_CLUSTERS,
        NONE,
    ),
    *rows(
        "redis-pna",
        ("off", cache(publicNetworkAccess="Disabled"), {CACHE: "pass"}),
        ("on", cache(publicNetworkAccess="Enabled"), {CACHE: "fail"}),
        ("not stated", cache(), {CACHE: "fail"}),
        ("in a virtual network", cache(subnetId=f"{RG}/subnets/cache"), {CACHE: "pass"}),
        (
            "perimeter",
            cache(publicNetworkAccess="SecuredByPerimeter"),
            {CACHE: "pass"},
            {"remark": "Which networks the perimeter lets in"},
        ),
        (
            "perimeter not accepted",
            cache(publicNetworkAccess="SecuredByPerimeter"),
            {CACHE: "fail"},
            {"params": {"accept_perimeter": False}},
        ),
        ("another value", cache(publicNetworkAccess="Sometimes"), {CACHE: "unknown"}),
        ("cluster, off", cluster(publicNetworkAccess="Disabled"), {CLUSTER: "pass"}),
        ("cluster, on", cluster(publicNetworkAccess="Enabled"), {CLUSTER: "fail"}),
        ("cluster, not stated", cluster(publicNetworkAccess=None), {CLUSTER: "unknown"}),
        NO_CACHES,
        NO_CLUSTERS,
        NONE,
    ),
    *rows(
        "redis-entra",
        ("refused", cache(disableAccessKeyAuthentication=True), {CACHE: "pass"}),
        ("accepted", cache(disableAccessKeyAuthentication=False), {CACHE: "fail"}),
        ("not stated", cache(), {CACHE: "fail"}),
        ("text", cache(disableAccessKeyAuthentication="true"), {CACHE: "unknown"}),
        (
            "no sign-in at all",
            cache(disableAccessKeyAuthentication=False, redisConfiguration={"authnotrequired": "True"}),
            {CACHE: "fail"},
            {"reason": "without a sign-in"},
        ),
        (
            "sign-in is needed",
            cache(disableAccessKeyAuthentication=True, redisConfiguration={"authnotrequired": "false"}),
            {CACHE: "pass"},
        ),
        ("another value", cache(redisConfiguration={"authnotrequired": "maybe"}), {CACHE: "unknown"}),
        ("database refuses", database(accessKeysAuthentication="Disabled"), {DATABASE: "pass"}),
        ("database accepts", database(accessKeysAuthentication="Enabled"), {DATABASE: "fail"}),
        ("database, not stated", database(), {DATABASE: "unknown"}),
        NO_CACHES,
        NO_DATABASES,
        NONE,
    ),
]
ABSENCE_PASSES = [
    ("redis-encrypted-only", r"properties\.(enableNonSslPort|clientProtocol)", "off is the default"),
    ("redis-tls", r"properties\.minimumTlsVersion", "Redis refuses TLS before 1.2 by default"),
]
OFFICIAL_VERDICTS = """
redis-encrypted-only fail: cache1
redis-encrypted-only pass: default
redis-entra fail: cache1
redis-entra pass: default
redis-pna fail: cache1
redis-pna pass: cluster1
redis-tls pass: cache1 cluster1
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Azure Cache for Redis › {cache} › Settings › Advanced settings"
        " › Allow access only via SSL › Yes",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-cache-for-redis/cache-tls-configuration.md",
            "0a756e835e67fb091fbe5d1b67c24b74e7501d4d",
            "select Advanced settings under Settings in the left navigation menu",
            "select No under Allow access only via SSL",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-cache-for-redis/cache-private-link.md",
            "8f49fa3089875e81941959f9c7e56a55070db61e",
            "In the Azure portal, search for Azure Cache for Redis",
        ),
        not_in_text={
            "Yes": (
                "The other value of the field; the documentation describes how to allow access without TLS."
            ),
        },
    ),
    ComparedPath(
        "Azure portal › Azure Managed Redis › {redis_cluster} › Advanced settings › Non-TLS access only › Disable",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/redis/tls-configuration.md",
            "2862937548f1926e3077a0fc9be8325237516067",
            "Navigate to the Advanced settings on the Resource menu",
            "Select Enable for Non-TLS access only",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/redis/private-link.md",
            "f80b4342dc27ad0b6db5605be19e401135a10b23",
            "In the Azure portal, search for Azure Managed Redis",
        ),
        not_in_text={
            "Disable": "The other value of the field; the documentation describes how to switch TLS off.",
        },
    ),
    ComparedPath(
        "Azure portal › Azure Cache for Redis › {cache} › Authentication › Access keys"
        " › Disable Access Keys Authentication",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/azure-cache-for-redis/"
                "cache-azure-active-directory-for-authentication.md"
            ),
            "0513eaaa71ee64d228021bc2c8244234ca632609",
            "select the Azure Cache for Redis instance",
            "Select Authentication from the Resource menu",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/redis/entra-for-authentication.md",
            "29477839ea67337412e3665591c3d0c07b6cc707",
            "On the working pane, select Access keys",
            "When the Disable Access Keys Authentication setting is changed for a cache",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Managed Redis › {redis_cluster} › Authentication › Access keys"
        " › Access Keys Authentication",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/redis/entra-for-authentication.md",
            "29477839ea67337412e3665591c3d0c07b6cc707",
            "select the Azure Managed Redis instance where you want to disable access keys",
            "On the Resource menu, select Authentication",
            "On the working pane, select Access keys",
            "Select the Access Keys Authentication control to disable access keys",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Cache for Redis › {cache} › Private Endpoint",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-cache-for-redis/cache-private-link.md",
            "8f49fa3089875e81941959f9c7e56a55070db61e",
            "In the Azure portal, search for Azure Cache for Redis",
            "On the left side of the screen, select Private Endpoint",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Managed Redis › {redis_cluster} › Administration › Private Endpoint",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/redis/private-link.md",
            "f80b4342dc27ad0b6db5605be19e401135a10b23",
            "In the Azure portal, search for Azure Managed Redis",
            "Select Private Endpoint from the resource menu under Administration",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Cache for Redis › {cache} › Settings › Advanced settings › Minimum TLS version",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-cache-for-redis/cache-tls-configuration.md",
            "0a756e835e67fb091fbe5d1b67c24b74e7501d4d",
            "select Advanced settings under Settings in the left navigation menu",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-cache-for-redis/cache-private-link.md",
            "8f49fa3089875e81941959f9c7e56a55070db61e",
            "In the Azure portal, search for Azure Cache for Redis",
        ),
        not_in_text={
            "Minimum TLS version": (
                "The list of versions on the page; since TLS 1.0 and 1.1 have retired, the documentation no "
                "longer names this field."
            ),
        },
    ),
    ComparedPath(
        "Azure portal › Azure Managed Redis › {redis_cluster} › Advanced settings › Minimum TLS version",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/redis/tls-configuration.md",
            "2862937548f1926e3077a0fc9be8325237516067",
            "Navigate to the Advanced settings on the Resource menu",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/redis/private-link.md",
            "f80b4342dc27ad0b6db5605be19e401135a10b23",
            "In the Azure portal, search for Azure Managed Redis",
        ),
        not_in_text={
            "Minimum TLS version": (
                "The list of versions on the page; since TLS 1.0 and 1.1 have retired, the documentation no "
                "longer names this field."
            ),
        },
    ),
]
