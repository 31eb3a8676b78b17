"""Each kind of failed request causes the expected gap; tested without a network."""

from __future__ import annotations

import json
from typing import Any

from azure.core.exceptions import (
    AzureError,
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from requests import ConnectionError as RequestsConnectionError
from urllib3 import HTTPSConnectionPool
from urllib3.exceptions import ReadTimeoutError

from assessments.collect.errors import BadAnswer, ForeignHost
from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.sign_in.refusals import AuthorityUnavailable, SecretRefused
from assessments.estate.collections import ALL
from assessments.estate.gaps import Gap, Reason
from tests.assessments.collect.responses import response
from tests.for_each import for_each

ACCOUNTS, POLICIES, USERS = ALL["storage_accounts"], ALL["management_policies"], ALL["users"]
SHARES = ALL["file_shares"]


def http(status: int, body: Any = None, **headers: str) -> HttpResponseError:
    error = HttpResponseError("x")
    error.response = response(status, body, **headers)
    return error


def gap(error: BaseException, collection: Any = ACCOUNTS) -> Gap:
    found = gap_of(error, collection, "/scope", "/path")
    assert found is not None
    assert isinstance(error, EXPECTED)
    assert (found.scope, found.path, found.permission) == ("/scope", "/path", collection.permission)
    return found


def reset() -> ServiceRequestError:
    late = ReadTimeoutError(HTTPSConnectionPool("localhost"), "/", "Read timed out.")
    return ServiceRequestError("x", error=RequestsConnectionError(late))


@for_each(
    ("error", "reason"),
    [
        (ServiceRequestError("x"), Reason.CONNECTION),
        (ServiceResponseError("x"), Reason.CONNECTION),
        (HttpResponseError("unable to stream"), Reason.CONNECTION),
        (ServiceRequestTimeoutError("x"), Reason.TIMEOUT),
        (ServiceResponseTimeoutError("x"), Reason.TIMEOUT),
        (reset(), Reason.TIMEOUT),
        (DecodeError("x"), Reason.BAD_ANSWER),
        (IncompleteReadError("x"), Reason.BAD_ANSWER),
        (AzureError("x"), Reason.BAD_ANSWER),
        (BadAnswer("x"), Reason.BAD_ANSWER),
        (ForeignHost("x"), Reason.FOREIGN_HOST),
        (SecretRefused("AADSTS7000215", "x"), Reason.UNAUTHENTICATED),
        (AuthorityUnavailable("http_503", "x"), Reason.SERVER_ERROR),
        (AuthorityUnavailable("temporarily_unavailable", "x"), Reason.SERVER_ERROR),
        (AuthorityUnavailable("http_429", "x"), Reason.THROTTLED),
        (AuthorityUnavailable("tls", "x"), Reason.CONNECTION),
    ],
)
def test_network_errors_have_a_reason(error: BaseException, reason: Reason) -> None:
    assert gap(error).reason is reason


@for_each(
    ("status", "code", "reason"),
    [
        (400, "AadPremiumLicenseRequired", Reason.LICENCE_MISSING),
        (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", Reason.LICENCE_MISSING),
        (403, "Authorization_RequestDenied", Reason.FORBIDDEN),
        (401, "InvalidAuthenticationToken", Reason.UNAUTHENTICATED),
        (404, "Request_ResourceNotFound", Reason.NOT_FOUND),
        (410, "Gone", Reason.NOT_FOUND),
        (408, "", Reason.TIMEOUT),
        (429, "", Reason.THROTTLED),
        (500, "", Reason.SERVER_ERROR),
        (409, "ReadOnlyDisabledSubscription", Reason.SUBSCRIPTION_DISABLED),
        (403, "DisabledSubscription", Reason.SUBSCRIPTION_DISABLED),
        (409, "Conflict", Reason.BAD_ANSWER),
        (204, "", Reason.BAD_ANSWER),
        (400, "NoRegisteredProviderFound", Reason.BAD_ANSWER),
    ],
)
def test_the_reason_follows_from_status_and_code(status: int, code: str, reason: Reason) -> None:
    found = gap(http(status, {"error": {"code": code}}, request_id="r-1"), USERS)
    assert (found.reason, found.status, found.code, found.request_id) == (reason, status, code, "r-1")


@for_each(
    ("body", "code", "message"),
    [
        ({"error": {"code": "A", "message": "m"}}, "A", "m"),
        ({"code": "B", "message": "m"}, "B", "m"),
        ({"Code": "NotFound", "Message": "m", "Details": [{"Code": "X"}]}, "NotFound", "m"),
        ({"odata.error": {"code": "C", "message": {"value": "m"}}}, "C", "m"),
        (
            {
                "error": {
                    "code": "UnknownError",
                    "message": '{"errorCode":"D","message":"m","instanceAnnotations":[]}',
                }
            },
            "D",
            "m",
        ),
        (
            {"error": {"code": "UnknownError", "message": '{"errorCode":"D"'}},
            "UnknownError",
            '{"errorCode":"D"',
        ),
        ({"error": {"code": "E", "message": '{"message":"m"}'}}, "E", '{"message":"m"}'),
        ({"error": "text"}, "", ""),
        ({"error": {"code": 7, "message": None}}, "", ""),
        ([], "", ""),
        ("<html>", "", ""),
        ("", "", ""),
    ],
)
def test_code_and_message_are_read_from_every_error_body(body: Any, code: str, message: str) -> None:
    found = gap(http(403, body, **{"x-ms-request-id": "r-2"}))
    assert (found.code, found.message, found.request_id) == (code, message, "r-2")


def test_a_missing_licence_is_recognised_inside_an_unknown_error() -> None:
    inner = '{"errorCode":"AadPremiumLicenseRequired","message":"The tenant needs Microsoft Entra ID P2."}'
    found = gap(http(400, {"error": {"code": "UnknownError", "message": inner}}), ALL["group_eligibilities"])
    assert found.reason is Reason.LICENCE_MISSING


def test_messages_contain_no_secrets() -> None:
    message = "Bearer abc.def failed for jane@example.com\nsig=ZZZ " + "x" * 500
    found = gap(http(403, {"error": {"code": "A", "message": message}}))
    for hidden in ("abc.def", "jane", "ZZZ", "\n"):
        assert hidden not in found.message
    assert len(found.message) == 300


@for_each(
    ("collection", "status", "code", "message"),
    [
        (POLICIES, 404, "ManagementPolicyNotFound", ""),
        (POLICIES, 404, "ResourceNotFound", ""),
        (ACCOUNTS, 409, "MissingSubscriptionRegistration", ""),
        (ACCOUNTS, 404, "InvalidResourceNamespace", ""),
        (ACCOUNTS, 404, "NoRegisteredProviderFound", ""),
        (ACCOUNTS, 409, "missingsubscriptionregistration", ""),
        (
            ACCOUNTS,
            400,
            "DisallowedProvider",
            "The operation is not permitted for namespace 'Microsoft.Storage'.",
        ),
        (SHARES, 400, "FeatureNotSupportedForAccount", "File is not supported for the account."),
        (ALL["defender_pricings"], 404, "Subscription Not Registered", ""),
        (ALL["classic_administrators"], 404, "InvalidResourceType", ""),
        (ALL["guest_configuration"], 204, "", ""),
        (ALL["excluded_group_members"], 404, "Request_ResourceNotFound", ""),
    ],
)
def test_answers_that_mean_absent(collection: Any, status: int, code: str, message: str) -> None:
    assert gap_of(http(status, {"error": {"code": code, "message": message}}), collection, "", "") is None


@for_each(
    ("collection", "status", "code", "message"),
    [
        (POLICIES, 404, "SubscriptionNotFound", ""),
        (POLICIES, 403, "AuthorizationFailed", ""),
        (ACCOUNTS, 404, "ResourceNotFound", ""),
        (ALL["group_members"], 404, "Request_ResourceNotFound", ""),
        (ACCOUNTS, 403, "MissingSubscriptionRegistration", ""),
        (ACCOUNTS, 404, "NoRegisteredProviderFound", "The supported api-versions are '2019-06-01'."),
        (ALL["role_assignments"], 400, "DisallowedProvider", ""),
        (ALL["resources"], 400, "DisallowedProvider", ""),
        (ACCOUNTS, 400, "DisallowedOperation", "The current subscription type is not permitted."),
        (ALL["disks"], 400, "FeatureNotSupportedForAccount", ""),
        (ACCOUNTS, 404, "InvalidResourceType", ""),
    ],
)
def test_answers_that_do_not_mean_absent(collection: Any, status: int, code: str, message: str) -> None:
    assert gap(http(status, {"error": {"code": code, "message": message}}), collection).code == code


def test_errors_contain_only_what_the_database_can_store() -> None:
    """If the database refused the text of one error, the unit of the whole subscription would fail."""
    evil = "a\0b\ud800" + "x" * 1000
    found = gap(http(409, {"error": {"code": evil, "message": evil}}, x_ms_request_id=f"1\0{'2' * 100}"))
    assert found.code == f"a\ufffdb\ufffd{'x' * 296}"
    assert found.message.startswith("a\ufffdb\ufffdx")
    assert found.request_id == f"1\ufffd{'2' * 78}"
    wrapped = json.dumps({"errorCode": evil, "message": evil})
    inner = gap(http(400, {"error": {"code": "UnknownError", "message": wrapped}}))
    assert (inner.code, inner.message[:5]) == (found.code, "a\ufffdb\ufffdx")
