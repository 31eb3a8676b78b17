"""Storage accounts."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.Storage/storageAccounts/logs1"
# Properties that every current account has.
COMMON = {
    "creationTime": "2024-03-01T10:00:00.1234567Z",
    "encryption": {
        "keySource": "Microsoft.Storage",
        "services": {"blob": {"enabled": True}, "file": {"enabled": True}},
    },
    "networkAcls": {
        "defaultAction": "Allow",
        "bypass": "AzureServices",
        "ipRules": [],
        "virtualNetworkRules": [],
    },
}


def _allowing(*networks: str) -> dict[str, Any]:
    return {"defaultAction": "Deny", "ipRules": [{"value": value, "action": "Allow"} for value in networks]}


def _within(
    *prefixes: str, access: str = "SecuredByPerimeter", mode: str = "Enforced", own: Any = None, **more: Any
) -> dict[str, Any]:
    """An account that has a file share and is in a network security perimeter. The perimeter has one inbound rule.

    `own`: the network rules of the account. By default, they let every network in.
    """
    rule = {"name": "rule", "properties": {"direction": "Inbound", "addressPrefixes": list(prefixes), **more}}
    association = {"profile": {"accessRules": [rule]}, "resourceAssociation": {"accessMode": mode}}
    configuration = doc(f"{ID}/networkSecurityPerimeterConfigurations/a.b", association)
    acls = own or {"defaultAction": "Allow"}
    documents = one(account(publicNetworkAccess=access, networkAcls=acls), file_shares=[share("s")])
    return {**documents, "storage_perimeters": {ID: [configuration]}}


def _allowing6(*networks: str) -> dict[str, Any]:
    rules = [{"value": value, "action": "Allow"} for value in networks]
    return {"defaultAction": "Deny", "ipRules": [], "ipv6Rules": rules}


def account(kind: str | None = "StorageV2", drop: str = "", **properties: Any) -> dict[str, Any]:
    held = {key: value for key, value in {**COMMON, **properties}.items() if key != drop}
    top = {} if kind is None else {"kind": kind}
    return doc(ID, held, location="westeurope", type="Microsoft.Storage/storageAccounts", **top)


def container(name: str, **properties: Any) -> dict[str, Any]:
    return doc(f"{ID}/blobServices/default/containers/{name}", properties)


def share(name: str, **properties: Any) -> dict[str, Any]:
    return doc(f"{ID}/fileServices/default/shares/{name}", properties)


def protocols(**required: Any) -> list[dict[str, Any]]:
    """The file service. `required`: whether each protocol requires encryption. None is “Not selected” in the portal."""
    settings = {name: {"encryptionInTransit": {"required": value}} for name, value in required.items()}
    return [doc(f"{ID}/fileServices/default", {"protocolSettings": settings})]


def site(enabled: Any) -> list[dict[str, Any]]:
    return [doc(f"{ID}/blobServices/default", {"staticWebsite": {"enabled": enabled}})]


def one(body: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"storage_accounts": [body], **others}


FORBIDDEN = [gap("storage_accounts")]
NO_LIST: tuple[Any, ...] = ("the list is forbidden", {}, {SUB: "unknown"}, {"gaps": FORBIDDEN})
NONE: tuple[Any, ...] = ("no account", {}, {SUB: "not_applicable"})

TRANSFER = "storage-secure-transfer"
KEYS = "storage-key-rotation"
SAS = "storage-sas-expiry"
PUBLIC = "storage-public-blob"
ANONYMOUS = "storage-anonymous-access-disallowed"
FILES = "storage-public-file"

CASES = [
    *rows(
        TRANSFER,
        ("switched on", one(account(supportsHttpsTrafficOnly=True)), {ID: "pass"}),
        (
            "on, but NFS 3 encrypts nothing",
            one(account(supportsHttpsTrafficOnly=True, isNfsV3Enabled=True)),
            {ID: "pass"},
            {"remark": "NFS 3.0, which does not encrypt"},
        ),
        (
            "on, with encrypted shares, but NFS 3 encrypts nothing",
            one(
                account(supportsHttpsTrafficOnly=True, isNfsV3Enabled=True),
                file_shares=[share("a", enabledProtocols="SMB")],
                file_services=protocols(smb=True),
            ),
            {ID: "pass"},
            {"remark": "NFS 3.0, which does not encrypt"},
        ),
        (
            "on, without NFS 3",
            one(account(supportsHttpsTrafficOnly=True, isNfsV3Enabled=False)),
            {ID: "pass"},
            {"no_remark": "NFS"},
        ),
        ("switched off", one(account(supportsHttpsTrafficOnly=False)), {ID: "fail"}),
        ("absent", one(account()), {ID: "fail"}),
        ("null", one(account(supportsHttpsTrafficOnly=None)), {ID: "fail"}),
        ("setting is text", one(account(supportsHttpsTrafficOnly="true")), {ID: "unknown"}),
        (
            "off, although NFS 3 does not need that",
            one(account(supportsHttpsTrafficOnly=False, isNfsV3Enabled=True)),
            {ID: "fail"},
        ),
        (
            "off, although NFS shares no longer need that",
            one(
                account("FileStorage", supportsHttpsTrafficOnly=False),
                file_shares=[share("a", enabledProtocols="SMB"), share("n", enabledProtocols="nfs")],
                file_services=protocols(nfs=True, smb=True),
            ),
            {ID: "fail"},
        ),
        (
            "off, SMB shares",
            one(
                account(supportsHttpsTrafficOnly=False),
                file_shares=[share("a", enabledProtocols="SMB"), share("b")],
                file_services=protocols(smb=True),
            ),
            {ID: "fail"},
        ),
        (
            "off, shares forbidden",
            one(account("FileStorage", supportsHttpsTrafficOnly=False)),
            {ID: "fail"},
            {"gaps": [gap("file_shares", ID)]},
        ),
        (
            "on, and SMB without encryption",
            one(
                account(supportsHttpsTrafficOnly=True),
                file_shares=[share("a", enabledProtocols="SMB"), share("b")],
                file_services=protocols(smb=False, nfs=None),
            ),
            {ID: "fail"},
            {"reason": "over SMB: a, b"},
        ),
        (
            "on, and NFS without encryption",
            one(
                account("FileStorage", supportsHttpsTrafficOnly=True),
                file_shares=[share("a", enabledProtocols="SMB"), share("n", enabledProtocols="NFS")],
                file_services=protocols(smb=True, nfs=False),
            ),
            {ID: "fail"},
            {"reason": "over NFS: n"},
        ),
        (
            "on, and both protocols without encryption",
            one(
                account("FileStorage", supportsHttpsTrafficOnly=True),
                file_shares=[share("a"), share("n", enabledProtocols="NFS")],
                file_services=protocols(smb=False, nfs=False),
            ),
            {ID: "fail"},
            {"reason": "over NFS and SMB: a, n"},
        ),
        (
            "on, protocols encrypted",
            one(
                account("FileStorage", supportsHttpsTrafficOnly=True),
                file_shares=[share("a"), share("n", enabledProtocols="NFS")],
                file_services=protocols(smb=True, nfs=True),
            ),
            {ID: "pass"},
        ),
        (
            "on, protocols not selected",
            one(
                account(supportsHttpsTrafficOnly=True),
                file_shares=[share("a")],
                file_services=protocols(smb=None),
            ),
            {ID: "pass"},
        ),
        (
            "on, a version without settings of protocols",
            one(
                account(supportsHttpsTrafficOnly=True),
                file_shares=[share("a")],
                file_services=[doc(f"{ID}/fileServices/default", {"cors": {}})],
            ),
            {ID: "pass"},
        ),
        (
            "on, a protocol without shares and without encryption",
            one(
                account("FileStorage", supportsHttpsTrafficOnly=True),
                file_shares=[share("n", enabledProtocols="NFS")],
                file_services=protocols(smb=False, nfs=True),
            ),
            {ID: "pass"},
            {"remark": "for which encryption in transit is not required, and which no share uses: SMB"},
        ),
        (
            "on, protocol setting is text",
            one(
                account(supportsHttpsTrafficOnly=True),
                file_shares=[share("a")],
                file_services=protocols(smb="false"),
            ),
            {ID: "unknown"},
        ),
        (
            "on, a new protocol of shares",
            one(
                account(supportsHttpsTrafficOnly=True),
                file_shares=[share("a", enabledProtocols="FTP")],
                file_services=protocols(smb=False),
            ),
            {ID: "unknown"},
        ),
        (
            "on, file service forbidden",
            one(account(supportsHttpsTrafficOnly=True), file_shares=[share("a")]),
            {ID: "unknown"},
            {"gaps": [gap("file_services", ID)]},
        ),
        (
            "on, file service absent",
            one(account(supportsHttpsTrafficOnly=True), file_shares=[share("a")], file_services={ID: []}),
            {ID: "unknown"},
        ),
        (
            "on, shares and file service forbidden",
            one(account(supportsHttpsTrafficOnly=True)),
            {ID: "unknown"},
            {"gaps": [gap("file_shares", ID), gap("file_services", ID)]},
        ),
        (
            "on, shares forbidden and SMB without encryption",
            one(account(supportsHttpsTrafficOnly=True), file_services=protocols(smb=False)),
            {ID: "unknown"},
            {"gaps": [gap("file_shares", ID)]},
        ),
        (
            "on, shares forbidden and nothing without encryption",
            one(account(supportsHttpsTrafficOnly=True), file_services=protocols(smb=None)),
            {ID: "pass"},
            {"gaps": [gap("file_shares", ID)]},
        ),
        ("on, no shares", one(account(supportsHttpsTrafficOnly=True)), {ID: "pass"}),
        (
            "off, a kind without shares",
            one(account("BlockBlobStorage", supportsHttpsTrafficOnly=False)),
            {ID: "fail"},
        ),
        (
            "on, a kind without shares",
            one(account("BlockBlobStorage", supportsHttpsTrafficOnly=True)),
            {ID: "pass"},
        ),
        (
            "accounts incomplete",
            one(account(supportsHttpsTrafficOnly=True)),
            {ID: "pass", SUB: "unknown"},
            {"gaps": FORBIDDEN},
        ),
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-sas-https-only",
        ("switched on", one(account(supportsHttpsTrafficOnly=True)), {ID: "pass"}),
        ("switched off", one(account(supportsHttpsTrafficOnly=False)), {ID: "fail"}),
        ("absent", one(account()), {ID: "fail"}),
        ("number", one(account(supportsHttpsTrafficOnly=1)), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *(
        case
        for service, without in (("blob", "FileStorage"), ("file", "BlobStorage"))
        for case in rows(
            f"storage-{service}-encryption",
            ("switched on", one(account()), {ID: "pass"}),
            ("absent", one(account(drop="encryption")), {ID: "pass"}),
            ("service absent", one(account(encryption={"services": {}})), {ID: "pass"}),
            (
                "customer-managed keys",
                one(account(encryption={"keySource": "microsoft.keyvault", "services": {}})),
                {ID: "pass"},
                {"reason": "customer-managed keys"},
            ),
            (
                "switched off",
                one(account(encryption={"services": {service: {"enabled": False}}})),
                {ID: "fail"},
            ),
            (
                "setting is text",
                one(account(encryption={"services": {service: {"enabled": "no"}}})),
                {ID: "unknown"},
            ),
            ("services is text", one(account(encryption={"services": "all"})), {ID: "unknown"}),
            ("no properties", one({"id": ID, "name": "logs1"}), {ID: "unknown"}),
            ("account kind without the service", one(account(without)), {ID: "not_applicable"}),
            NO_LIST,
            NONE,
        )
    ),
    *rows(
        "storage-file-encryption",
        (
            "premium account for page blobs",
            one({**account(), "sku": {"name": "Premium_LRS"}}),
            {ID: "not_applicable"},
        ),
    ),
    *rows(
        KEYS,
        (
            "both keys recent",
            one(
                account(
                    keyCreationTime={"key1": "2026-11-01T00:00:00Z", "key2": "2026-10-01T00:00:00Z"},
                    keyPolicy={"keyExpirationPeriodInDays": 90},
                )
            ),
            {ID: "pass"},
        ),
        (
            "no reminder",
            one(account(keyCreationTime={"key1": "2026-11-01T00:00:00Z", "key2": "2026-10-01T00:00:00Z"})),
            {ID: "pass"},
            {"remark": "reminder"},
        ),
        (
            "one key too old",
            one(account(keyCreationTime={"key1": "2026-11-01T00:00:00Z", "key2": "2024-01-01T00:00:00Z"})),
            {ID: "fail"},
            {"reason": "key2"},
        ),
        (
            "exactly 90 days",
            one(account(keyCreationTime={"key1": "2026-08-27T12:00:00Z", "key2": "2026-08-27T12:00:00Z"})),
            {ID: "pass"},
        ),
        (
            "a second over 90 days",
            one(account(keyCreationTime={"key1": "2026-08-27T11:59:59Z", "key2": "2026-08-27T12:00:00Z"})),
            {ID: "fail"},
        ),
        (
            "higher max_age",
            one(account(keyCreationTime={"key1": "2026-05-01T00:00:00Z", "key2": "2026-05-01T00:00:00Z"})),
            {ID: "pass"},
            {"params": {"max_age": 365}},
        ),
        (
            "never regenerated, old account",
            one(account(keyCreationTime={"key1": None, "key2": None})),
            {ID: "fail"},
        ),
        (
            "never regenerated, recent account",
            one(account(creationTime="2026-11-20T00:00:00Z")),
            {ID: "pass"},
        ),
        ("access keys not accepted", one(account(allowSharedKeyAccess=False)), {ID: "not_applicable"}),
        (
            "accepted by a service only",
            one(
                account(
                    allowSharedKeyAccess=False, allowSharedKeyAccessForServices={"file": {"enabled": True}}
                )
            ),
            {ID: "unknown"},
        ),
        (
            "unreadable time",
            one(account(keyCreationTime={"key1": "soon", "key2": "2026-11-01T00:00:00Z"})),
            {ID: "unknown"},
        ),
        (
            "one time unreadable, one key too old",
            one(account(keyCreationTime={"key1": "soon", "key2": "2020-11-01T00:00:00Z"})),
            {ID: "fail"},
        ),
        ("no creation times", one(account(drop="creationTime")), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        SAS,
        ("shared keys refused", one(account(allowSharedKeyAccess=False)), {ID: "pass"}),
        (
            "policy blocks",
            one(account(sasPolicy={"sasExpirationPeriod": "0.08:00:00", "expirationAction": "Block"})),
            {ID: "pass"},
        ),
        (
            "policy logs only",
            one(account(sasPolicy={"sasExpirationPeriod": "0.08:00:00", "expirationAction": "log"})),
            {ID: "fail"},
            {"reason": "only logs"},
        ),
        (
            "policy logs only, which the parameter accepts",
            one(account(sasPolicy={"sasExpirationPeriod": "0.08:00:00", "expirationAction": "log"})),
            {ID: "pass"},
            {"remark": "only logs", "params": {"accept_log": True}},
        ),
        (
            "policy allows longer lifetimes",
            one(account(sasPolicy={"sasExpirationPeriod": "1.00:00:00", "expirationAction": "Block"})),
            {ID: "manual"},
        ),
        (
            "a second over 8 hours",
            one(account(sasPolicy={"sasExpirationPeriod": "08:00:01", "expirationAction": "Block"})),
            {ID: "manual"},
        ),
        (
            "max_hours of 1",
            one(account(sasPolicy={"sasExpirationPeriod": "02:00:00", "expirationAction": "Block"})),
            {ID: "manual"},
            {"params": {"max_hours": 1}},
        ),
        ("no policy", one(account(allowSharedKeyAccess=True)), {ID: "manual"}),
        (
            "invalid duration",
            one(account(sasPolicy={"sasExpirationPeriod": "8h", "expirationAction": "Block"})),
            {ID: "unknown"},
        ),
        (
            "policy action absent",
            one(account(sasPolicy={"sasExpirationPeriod": "01:00:00"})),
            {ID: "unknown"},
        ),
        NO_LIST,
        NONE,
    ),
    *rows(
        PUBLIC,
        ("anonymous access disallowed", one(account(allowBlobPublicAccess=False)), {ID: "pass"}),
        (
            "none public",
            one(account(allowBlobPublicAccess=True), blob_containers=[container("a", publicAccess="None")]),
            {ID: "pass"},
        ),
        ("no containers", one(account(allowBlobPublicAccess=True)), {ID: "pass"}),
        (
            "flag is a list",
            one(
                account(allowBlobPublicAccess=True),
                blob_containers=[container("a", publicAccess="Container")],
            ),
            {ID: "fail"},
            {"reason": "a (Container)"},
        ),
        (
            "flag absent, container with level Blob",
            one(account(), blob_containers=[container("a", publicAccess="blob")]),
            {ID: "fail"},
        ),
        (
            "network closed",
            one(
                account(publicNetworkAccess="Disabled"), blob_containers=[container("a", publicAccess="Blob")]
            ),
            {ID: "fail"},
            {"remark": "only a network security perimeter could let readers in"},
        ),
        (
            "static site",
            one(account(), blob_containers=[container("$web", publicAccess="None")]),
            {ID: "pass"},
            {"remark": "$web"},
        ),
        (
            "static site, anonymous access disallowed",
            one(account(allowBlobPublicAccess=False), blob_services=site(True)),
            {ID: "pass"},
            {"remark": "$web"},
        ),
        (
            "static site unreadable",
            one(account(allowBlobPublicAccess=False), blob_services=site("on")),
            {ID: "pass"},
            {"remark": "Could not check"},
        ),
        (
            "static site forbidden",
            one(account(allowBlobPublicAccess=False)),
            {ID: "pass"},
            {"gaps": [gap("blob_services", ID)], "remark": "Could not check"},
        ),
        ("level absent", one(account(), blob_containers=[container("a")]), {ID: "unknown"}),
        (
            "level absent, another public",
            one(account(), blob_containers=[container("a"), container("b", publicAccess="Blob")]),
            {ID: "fail"},
        ),
        ("containers forbidden", one(account()), {ID: "unknown"}, {"gaps": [gap("blob_containers", ID)]}),
        (
            "second page forbidden",
            one(account(), blob_containers=[container("a", publicAccess="Blob")]),
            {ID: "fail"},
            {"gaps": [gap("blob_containers", ID)]},
        ),
        ("FileStorage account", one(account("FileStorage")), {ID: "not_applicable"}),
        (
            "kind absent",
            one(account(None), blob_containers=[container("a", publicAccess="Blob")]),
            {ID: "fail"},
        ),
        NO_LIST,
        NONE,
    ),
    *rows(
        ANONYMOUS,
        ("anonymous access disallowed", one(account(allowBlobPublicAccess=False)), {ID: "pass"}),
        ("allowed", one(account(allowBlobPublicAccess=True)), {ID: "fail"}),
        ("absent", one(account()), {ID: "fail"}, {"reason": "absent"}),
        (
            "network closed",
            one(account(allowBlobPublicAccess=True, publicNetworkAccess="disabled")),
            {ID: "fail"},
            {"remark": "only a network security perimeter could let readers in"},
        ),
        ("setting is text", one(account(allowBlobPublicAccess="false")), {ID: "unknown"}),
        (
            "FileStorage account",
            one(account("FileStorage", allowBlobPublicAccess=True)),
            {ID: "not_applicable"},
        ),
        NO_LIST,
        NONE,
    ),
    *rows(
        FILES,
        ("no shares", one(account()), {ID: "not_applicable"}),
        ("blobs only", one(account("BlobStorage")), {ID: "not_applicable"}),
        (
            "premium account for page blobs",
            one({**account(), "sku": {"name": "Premium_LRS"}}, file_shares=[share("s")]),
            {ID: "not_applicable"},
        ),
        (
            "premium account for files",
            one({**account("FileStorage"), "sku": {"name": "Premium_LRS"}}, file_shares=[share("s")]),
            {ID: "fail"},
        ),
        ("default action Allow", one(account(), file_shares=[share("s")]), {ID: "fail"}, {"reason": "s"}),
        (
            "default action Deny",
            one(account(networkAcls={"defaultAction": "deny"}), file_shares=[share("s")]),
            {ID: "pass"},
        ),
        (
            "a rule for every address",
            one(account(networkAcls=_allowing("0.0.0.0/0")), file_shares=[share("s")]),
            {ID: "fail"},
        ),
        (
            "rules that are the Internet together",
            one(account(networkAcls=_allowing("0.0.0.0/1", "128.0.0.0/1")), file_shares=[share("s")]),
            {ID: "fail"},
        ),
        (
            "rules for some networks",
            one(account(networkAcls=_allowing("203.0.113.7", "198.51.0.0/16")), file_shares=[share("s")]),
            {ID: "pass"},
        ),
        (
            "a rule without an address",
            one(account(networkAcls=_allowing("everywhere")), file_shares=[share("s")]),
            {ID: "unknown"},
        ),
        (
            "a rule for IPv6",
            one(account(networkAcls=_allowing("2001:db8::/32")), file_shares=[share("s")]),
            {ID: "unknown"},
        ),
        (
            "an IPv6 rule for every address",
            one(account(networkAcls=_allowing6("2000::/3")), file_shares=[share("s")]),
            {ID: "fail"},
            {"reason": "IP rules let the Internet reach"},
        ),
        (
            "IPv6 rules that are the Internet together",
            one(account(networkAcls=_allowing6("2001::/33", "2001:0:8000::/33")), file_shares=[share("s")]),
            {ID: "fail"},
        ),
        (
            "IPv6 rules for some networks",
            one(account(networkAcls=_allowing6("2001:db8::1", "2001:db8:7::/48")), file_shares=[share("s")]),
            {ID: "pass"},
        ),
        (
            "an IPv6 rule for IPv4",
            one(account(networkAcls=_allowing6("203.0.113.7")), file_shares=[share("s")]),
            {ID: "unknown"},
        ),
        ("disabled", one(account(publicNetworkAccess="Disabled"), file_shares=[share("s")]), {ID: "pass"}),
        (
            "secured by a perimeter, not associated",
            one(account(publicNetworkAccess="SecuredByPerimeter"), file_shares=[share("s")]),
            {ID: "pass"},
        ),
        (
            "a perimeter that lets everybody in",
            _within("0.0.0.0/0"),
            {ID: "fail"},
            {"reason": "through rule"},
        ),
        (
            "disabled, in a perimeter that lets everybody in",
            _within("0.0.0.0/0", access="Disabled"),
            {ID: "fail"},
        ),
        (
            "disabled, learning from a perimeter that lets everybody in",
            _within("0.0.0.0/0", access="Disabled", mode="Learning"),
            {ID: "fail"},
        ),
        (
            "enabled, in an enforced perimeter that lets an office in",
            _within("198.51.100.0/24", access="Enabled"),
            {ID: "pass"},
            {"reason": "perimeter lets only specific networks in"},
        ),
        (
            "enabled, learning from a perimeter that lets an office in",
            _within("198.51.100.0/24", access="Enabled", mode="Learning"),
            {ID: "fail"},
            {"reason": "Every network can reach the shares"},
        ),
        (
            "enabled, learning from a perimeter that lets everybody in, as the account does",
            _within("0.0.0.0/0", access="Enabled", mode="Learning"),
            {ID: "fail"},
            {"reason": "shares: s; The network security perimeter lets too many addresses in through rule"},
        ),
        (
            "enabled, learning from a perimeter that lets the other half in",
            _within("0.0.0.0/9", access="Enabled", mode="Learning", own=_allowing("128.0.0.0/9")),
            {ID: "fail"},
            {"reason": "together let the Internet reach the shares: s"},
        ),
        (
            "enabled, learning from a perimeter that lets the same half in",
            _within("0.0.0.0/9", access="Enabled", mode="Learning", own=_allowing("0.0.0.0/9")),
            {ID: "pass"},
            {"reason": "Only selected networks", "remark": "perimeter lets in: 0.0.0.0/9"},
        ),
        ("a perimeter that lets an office in", _within("198.51.100.0/24"), {ID: "pass"}),
        ("a perimeter with a subscription", _within(subscriptions=[{"id": SUB}]), {ID: "pass"}),
        (
            "a perimeter with another perimeter",
            _within(networkSecurityPerimeters=[{"perimeterGuid": "g"}]),
            {ID: "pass"},
        ),
        ("a perimeter with a service tag", _within("198.51.100.0/24", serviceTags=["A"]), {ID: "manual"}),
        (
            "perimeters forbidden",
            one(account(publicNetworkAccess="Disabled"), file_shares=[share("s")]),
            {ID: "unknown"},
            {"gaps": [gap("storage_perimeters", ID)]},
        ),
        ("network rules absent", one(account(drop="networkAcls"), file_shares=[share("s")]), {ID: "fail"}),
        ("default action absent", one(account(networkAcls={}), file_shares=[share("s")]), {ID: "unknown"}),
        (
            "unknown access value",
            one(account(publicNetworkAccess="Maybe"), file_shares=[share("s")]),
            {ID: "unknown"},
        ),
        ("shares forbidden", one(account()), {ID: "unknown"}, {"gaps": [gap("file_shares", ID)]}),
        NO_LIST,
        NONE,
    ),
]

IMPOSSIBLE: dict[str, dict[str, str]] = {}
ABSENCE_PASSES = [
    (
        "storage-public-file",
        r"properties\.networkAcls\.ip(v6)?Rules",
        "without a rule, no public address is allowed",
    ),
    (
        TRANSFER,
        r"properties\.protocolSettings(\.(smb|nfs)(\.encryptionInTransit(\.required)?)?)?",
        "a setting of a protocol that is absent is “Not selected”: secure transfer decides",
    ),
    (TRANSFER, r"properties\.enabledProtocols", "a share without a protocol is an SMB share"),
    (
        r"storage-(blob|file)-encryption",
        r"properties\.encryption(\.services(\.(blob|file)(\.enabled)?)?)?",
        "encryption cannot be switched off, so an absent setting passes",
    ),
]
OFFICIAL_VERDICTS = """
storage-anonymous-access-disallowed fail: appteststorage1 sto4036 sto4452
storage-anonymous-access-disallowed pass: sto4445
storage-blob-encryption pass: appteststorage1 sto4036 sto4445 sto4452
storage-file-encryption not_applicable: sto4445
storage-file-encryption pass: appteststorage1 sto4036 sto4452
storage-key-rotation fail: appteststorage1 sto4036 sto4452
storage-key-rotation unknown: sto4445  # the example has no time of the account or of its keys
storage-public-blob fail: sto4036
storage-public-blob pass: appteststorage1 sto4445 sto4452
storage-public-file fail: sto4036
storage-public-file not_applicable: appteststorage1 sto4445 sto4452
storage-sas-expiry manual: appteststorage1 sto4036 sto4445 sto4452
storage-sas-https-only fail: appteststorage1 sto4036 sto4445 sto4452
storage-secure-transfer fail: appteststorage1 sto4036 sto4445 sto4452
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Security + networking › Access keys › Rotate key",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/storage-account-keys-manage.md",
            "012ad308577ca7a4bcf96132a0e71b2819fa4a98",
            "go to your storage account",
            "Under Security + networking, select Access keys",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/files/files-troubleshoot-smb-authentication.md",
            "ca9ed991cad644b45565df3771579944d525a260",
            "In the Access key pane, select Rotate key above the desired key",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Data storage › Containers › the container"
        " › Change access level › Private",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/blobs/anonymous-read-access-configure.md",
            "012ad308577ca7a4bcf96132a0e71b2819fa4a98",
            "Navigate to your storage account",
            "Use the Change access level button",
            "Anonymous access level for the container is set to Private",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/network-watcher/vnet-flow-logs-manage.md",
            "0b8729eaf7eb0aabc6390cb17348d19761285f12",
            "Under Data storage, select Containers",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Settings › Configuration"
        " › Allow recommended upper limit for shared access signature (SAS) expiry interval › Enabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/sas-expiration-policy.md",
            "01caef55f91d24fe1916338912b3aab72df91676",
            "Navigate to your storage account",
            "Under Settings, select Configuration",
            "Allow recommended upper limit for shared access signature (SAS) expiry interval, and set it to Enabled",
        ),
    ),
]
