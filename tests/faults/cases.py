"""Faulty answers of Azure, and the gap that each must cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assessments.estate.gaps import Reason

ACCOUNTS = "/providers/Microsoft.Storage/storageAccounts"
RULES = "/resourceGroups/rg-data/providers/Microsoft.Sql/servers/sql1/firewallRules"


def error(code: str, message: str = "No.") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


@dataclass(frozen=True)
class Fault:
    """A faulty answer for `path` below the subscription. `reason` is the reason of the expected gap, or None if no gap
    is expected.
    """

    name: str
    collection: str
    path: str
    status: int
    body: Any
    reason: Reason | None
    code: str = ""
    headers: dict[str, str] | None = None
    times: int | None = None
    documents: int = 0


REGISTRATION = "The subscription is not registered to use namespace 'Microsoft.Storage'."
LAGS = "No registered resource provider found. The supported api-versions are '2015-01-01'."
PAGE = [{"id": "/subscriptions/x/resourceGroups/g" + ACCOUNTS + "/z", "name": "z", "properties": {}}]
FAULTS = [
    Fault(
        "403",
        "storage_accounts",
        ACCOUNTS,
        403,
        error("AuthorizationFailed"),
        Reason.FORBIDDEN,
        "AuthorizationFailed",
    ),
    Fault(
        "403 on a child",
        "sql_firewall_rules",
        RULES,
        403,
        error("AuthorizationFailed"),
        Reason.FORBIDDEN,
        "AuthorizationFailed",
    ),
    Fault("403 in HTML", "storage_accounts", ACCOUNTS, 403, "<html>no</html>", Reason.FORBIDDEN),
    Fault(
        "401 for ever",
        "storage_accounts",
        ACCOUNTS,
        401,
        error("InvalidAuthenticationToken"),
        Reason.UNAUTHENTICATED,
        "InvalidAuthenticationToken",
    ),
    Fault(
        "404",
        "storage_accounts",
        ACCOUNTS,
        404,
        error("InvalidResourceType"),
        Reason.NOT_FOUND,
        "InvalidResourceType",
    ),
    Fault(
        "404 on a child",
        "sql_firewall_rules",
        RULES,
        404,
        error("ResourceNotFound"),
        Reason.NOT_FOUND,
        "ResourceNotFound",
    ),
    Fault(
        "no subscription",
        "storage_accounts",
        ACCOUNTS,
        404,
        error("SubscriptionNotFound"),
        Reason.NOT_FOUND,
        "SubscriptionNotFound",
    ),
    Fault(
        "400",
        "storage_accounts",
        ACCOUNTS,
        400,
        error("InvalidApiVersionParameter"),
        Reason.BAD_ANSWER,
        "InvalidApiVersionParameter",
    ),
    Fault(
        "licence",
        "storage_accounts",
        ACCOUNTS,
        403,
        error("AadPremiumLicenseRequired"),
        Reason.LICENCE_MISSING,
        "AadPremiumLicenseRequired",
    ),
    Fault(
        "disabled",
        "storage_accounts",
        ACCOUNTS,
        409,
        error("ReadOnlyDisabledSubscription"),
        Reason.SUBSCRIPTION_DISABLED,
        "ReadOnlyDisabledSubscription",
    ),
    Fault(
        "429 once",
        "storage_accounts",
        ACCOUNTS,
        429,
        error("TooManyRequests"),
        None,
        headers={"Retry-After": "1"},
        times=1,
        documents=3,
    ),
    Fault(
        "429 nine times",
        "storage_accounts",
        ACCOUNTS,
        429,
        error("TooManyRequests"),
        None,
        headers={"Retry-After": "0"},
        times=9,
        documents=3,
    ),
    Fault(
        "429 for an hour",
        "storage_accounts",
        ACCOUNTS,
        429,
        error("TooManyRequests"),
        Reason.THROTTLED,
        "TooManyRequests",
        headers={"Retry-After": "3600"},
    ),
    Fault("503 burst", "storage_accounts", ACCOUNTS, 503, error("ServerBusy"), None, times=3, documents=3),
    Fault(
        "500 for ever",
        "storage_accounts",
        ACCOUNTS,
        500,
        error("InternalServerError"),
        Reason.SERVER_ERROR,
        "InternalServerError",
    ),
    Fault("502 in HTML", "storage_accounts", ACCOUNTS, 502, "<html>", Reason.SERVER_ERROR),
    Fault(
        "redirect",
        "storage_accounts",
        ACCOUNTS,
        302,
        None,
        Reason.BAD_ANSWER,
        headers={"Location": "https://x.test/"},
    ),
    Fault(
        "no JSON",
        "storage_accounts",
        ACCOUNTS,
        200,
        "{'value': []}",
        Reason.BAD_ANSWER,
        headers={"Content-Type": "application/json"},
    ),
    Fault(
        "no JSON once",
        "storage_accounts",
        ACCOUNTS,
        200,
        '{"value": [',
        None,
        times=1,
        documents=3,
        headers={"Content-Type": "application/json"},
    ),
    Fault("no UTF-8", "storage_accounts", ACCOUNTS, 200, "", Reason.BAD_ANSWER),
    Fault("a list", "storage_accounts", ACCOUNTS, 200, [], Reason.BAD_ANSWER),
    Fault("null", "storage_accounts", ACCOUNTS, 200, {"value": None}, Reason.BAD_ANSWER),
    Fault("an object", "storage_accounts", ACCOUNTS, 200, {"value": {}}, Reason.BAD_ANSWER),
    Fault("no value", "storage_accounts", ACCOUNTS, 200, {"nextLink": ""}, Reason.BAD_ANSWER),
    Fault("texts", "storage_accounts", ACCOUNTS, 200, {"value": ["a"]}, Reason.BAD_ANSWER),
    Fault(
        "setting is a list",
        "sql_server_auditing",
        RULES.replace("firewallRules", "extendedAuditingSettings/default"),
        200,
        [1],
        Reason.BAD_ANSWER,
    ),
    Fault(
        "link elsewhere",
        "storage_accounts",
        ACCOUNTS,
        200,
        {"value": PAGE, "nextLink": "https://evil.test/more"},
        Reason.FOREIGN_HOST,
        documents=1,
    ),
    Fault(
        "link to http",
        "storage_accounts",
        ACCOUNTS,
        200,
        {"value": PAGE, "nextLink": "http://localhost/more"},
        Reason.FOREIGN_HOST,
        documents=1,
    ),
    Fault(
        "link with user",
        "storage_accounts",
        ACCOUNTS,
        200,
        {"value": PAGE, "nextLink": "https://localhost@evil.test/"},
        Reason.FOREIGN_HOST,
        documents=1,
    ),
    Fault(
        "link is a number",
        "storage_accounts",
        ACCOUNTS,
        200,
        {"value": PAGE, "nextLink": 7},
        Reason.BAD_ANSWER,
        documents=1,
    ),
    Fault(
        "link is no address",
        "storage_accounts",
        ACCOUNTS,
        200,
        {"value": PAGE, "nextLink": "https://[x"},
        Reason.BAD_ANSWER,
        documents=1,
    ),
    Fault(
        "circle",
        "storage_accounts",
        ACCOUNTS,
        200,
        {"value": PAGE, "nextLink": f"/subscriptions/UNIT{ACCOUNTS}?api-version=2026-09-01"},
        Reason.BAD_ANSWER,
        documents=1,
    ),
    Fault(
        "a later page fails",
        "storage_accounts",
        ACCOUNTS,
        200,
        {
            "value": PAGE,
            "nextLink": f"/subscriptions/UNIT/resourceGroups/no{ACCOUNTS}?api-version=2026-09-01",
        },
        Reason.NOT_FOUND,
        "ResourceGroupNotFound",
        documents=1,
    ),
    Fault(
        "not registered",
        "storage_accounts",
        ACCOUNTS,
        409,
        error("MissingSubscriptionRegistration", REGISTRATION),
        None,
    ),
    Fault("no such namespace", "storage_accounts", ACCOUNTS, 404, error("InvalidResourceNamespace"), None),
    Fault(
        "the cloud lags behind",
        "storage_accounts",
        ACCOUNTS,
        404,
        error("NoRegisteredProviderFound", LAGS),
        Reason.API_VERSION,
        "NoRegisteredProviderFound",
    ),
    Fault(
        "models refuse",
        "network_security_groups",
        "/providers/Microsoft.Network/networkSecurityGroups",
        200,
        {"value": [{"id": "/odd/a", "properties": [], "tags": "x"}, {"id": "/odd/b", "properties": "?"}]},
        None,
        documents=2,
    ),
]
