"""Refusals that depend on the cloud, the subscription's offer, its registered providers or a storage account's kind."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.estate import LineError, parse
from tests.for_each import for_each
from tests.sandbox import estates as e
from tests.sandbox.running import Running, running, write_estate

ACCOUNTS = f"{e.DATA}/providers/Microsoft.Storage/storageAccounts"
STUDENTS, FORMER, DELEGATED = (f"10000000-0000-0000-0000-0000000000a{n}" for n in range(1, 4))
PARTNER = "90000000-0000-0000-0000-0000000000ff"


def offer(guid: str, quota: str) -> e.Line:
    return {**e.subscription(guid, e.TENANT), "subscriptionPolicies": {"quotaId": quota}}


def account(name: str, kind: str, sku: str) -> e.Line:
    return e.document(f"{ACCOUNTS}/{name}", kind=kind, sku={"name": sku}, properties={})


LINES = [
    e.directory(e.TENANT, [{"clientId": e.ALL, "secret": "s", "subscriptions": ["*"], "graph": ["*"]}]),
    e.subscription(e.PROD, e.TENANT),
    offer(STUDENTS, "DreamSpark_2015-02-01"),
    offer(FORMER, "AAD_2015-09-01"),
    e.subscription(DELEGATED, PARTNER),
    *(
        e.document(f"/subscriptions/{guid}/providers/Microsoft.Authorization/roleAssignments/{PARTNER}")
        for guid in (DELEGATED, e.PROD)
    ),
    {
        "id": f"{e.S}/providers/Microsoft.Security",
        "namespace": "Microsoft.Security",
        "registrationState": "NotRegistered",
    },
    {
        "id": f"{e.S}/providers/Microsoft.DocumentDB",
        "namespace": "Microsoft.DocumentDB",
        "registrationState": "NotRegistered",
    },
    account("general", "StorageV2", "Standard_LRS"),
    account("pages", "StorageV2", "Premium_LRS"),
    account("blocks", "BlockBlobStorage", "Premium_LRS"),
    account("files", "FileStorage", "Premium_LRS"),
    {
        "cloud": {
            "location": "usgovvirginia",
            "versions": {
                "Microsoft.Network": ["2019-11-01", "2023-09-01"],
                "Microsoft.Network/networkWatchers": ["2024-01-01"],
                "Microsoft.Insights": ["2021-05-01-preview"],
                "Microsoft.Resources/subscriptions/resources": ["2021-04-01"],
            },
        }
    },
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    state = tmp_path_factory.mktemp("refusals")
    with running(state, write_estate(state / "estate.jsonl", LINES)) as found:
        yield found


def problem(served: Running, path: str, version: str = "2023-09-01") -> tuple[int, str, str]:
    """Return status, code and message of the answer."""
    reply = served.get(path, e.TENANT, **{"api-version": version})
    error: dict[str, Any] = reply.json().get("error", {})
    return reply.status_code, error.get("code", ""), error.get("message", "")


@pytest.mark.parametrize("kind", ["networkSecurityGroups", "virtualNetworks"])
def test_a_provider_without_the_requested_version_lists_its_versions(served: Running, kind: str) -> None:
    path = f"{e.S}/providers/Microsoft.Network/{kind}"
    assert problem(served, path) == (200, "", "")
    assert problem(served, path, "2026-03-01") == (
        400,
        "NoRegisteredProviderFound",
        (
            "No registered resource provider found for location 'usgovvirginia' and API version '2026-03-01' for type "
            f"'{kind}'. The supported api-versions are '2019-11-01, 2023-09-01'. The supported locations are "
            "'usgovvirginia'."
        ),
    )


def test_a_type_can_have_other_versions_than_its_provider(served: Running) -> None:
    path = f"{e.S}/providers/Microsoft.Network/networkWatchers"
    assert problem(served, path)[:2] == (400, "NoRegisteredProviderFound")
    assert problem(served, path, "2024-01-01")[0] == 200
    # A child resource has the api-versions of its parent's type; an extension resource has those of its own provider.
    assert problem(served, f"{path}/w/flowLogs")[:2] == (400, "NoRegisteredProviderFound")
    settings = f"{path}/w/providers/Microsoft.Insights/diagnosticSettings"
    assert problem(served, settings)[:2] == (400, "NoRegisteredProviderFound")
    assert problem(served, settings, "2021-05-01-preview")[1] != "NoRegisteredProviderFound"


def test_types_of_resource_manager_are_refused_with_its_own_error(served: Running) -> None:
    assert problem(served, f"{e.S}/resources") == (
        400,
        "InvalidApiVersionParameter",
        "The api-version '2023-09-01' is invalid. The supported versions are '2021-04-01'.",
    )
    assert problem(served, "/subscriptions")[0] == 200


def test_providers_that_are_not_registered_answer_with_their_own_codes(served: Running) -> None:
    status, code, message = problem(served, f"{e.S}/providers/Microsoft.DocumentDB/databaseAccounts")
    assert (status, code) == (409, "MissingSubscriptionRegistration")
    assert "'Microsoft.DocumentDB'" in message
    assert problem(served, f"{e.S}/providers/Microsoft.Security/pricings")[:2] == (
        404,
        "Subscription Not Registered",
    )
    # The provider itself can be read, and other subscriptions are not affected.
    assert problem(served, f"{e.S}/providers/Microsoft.Security")[0] == 200
    assert problem(served, f"/subscriptions/{DELEGATED}/providers/Microsoft.Security/pricings")[0] == 200


def test_offers_exclude_providers(served: Running) -> None:
    status, code, message = problem(
        served, f"/subscriptions/{STUDENTS}/providers/Microsoft.Compute/virtualMachines"
    )
    assert (status, code) == (400, "DisallowedProvider")
    assert message.startswith(
        "The operation is not permitted for namespace 'Microsoft.Compute'. List of permitted"
    )
    assert problem(served, f"/subscriptions/{STUDENTS}/providers/Microsoft.Sql/servers")[0] == 200
    assert (
        problem(served, f"/subscriptions/{FORMER}/providers/Microsoft.Sql/servers")[1]
        == "DisallowedOperation"
    )
    assert problem(served, f"/subscriptions/{FORMER}")[0] == 200


def test_retired_types_do_not_exist(served: Running) -> None:
    path = f"{e.S}/providers/Microsoft.Authorization/classicAdministrators"
    status, code, message = problem(served, path, "2015-07-01")
    assert (status, code) == (404, "InvalidResourceType")
    assert "'classicAdministrators' could not be found in the namespace 'Microsoft.Authorization'" in message
    assert "supported api-versions" not in message


@for_each(
    ("account", "service", "expected"),
    [
        ("general", "fileServices", 200),
        ("pages", "fileServices", "File is not supported for the account."),
        ("pages", "blobServices", 200),
        ("blocks", "fileServices", "File is not supported for the account."),
        ("files", "blobServices", "Blob is not supported for the account."),
        ("files", "fileServices", 200),
    ],
)
def test_accounts_refuse_services_that_they_do_not_have(
    served: Running, account: str, service: str, expected: object
) -> None:
    for path in (f"{service}/default", f"{service}/default/shares"):
        status, code, message = problem(served, f"{ACCOUNTS}/{account}/{path}")
        if expected == 200:
            assert status == 200
        else:
            assert (status, code, message) == (400, "FeatureNotSupportedForAccount", expected)


def test_a_delegated_subscription_names_its_home_directory(served: Running) -> None:
    listed = {row["subscriptionId"]: row["tenantId"] for row in served.pages("/subscriptions", e.TENANT)[0]}
    assert listed[DELEGATED] == PARTNER
    assert listed[e.PROD] == e.TENANT


@for_each(("guid", "count"), [(e.PROD, 1), (DELEGATED, 0)])
def test_roles_in_a_delegated_subscription_are_not_listed(served: Running, guid: str, count: int) -> None:
    path = f"/subscriptions/{guid}/providers/Microsoft.Authorization/roleAssignments"
    assert len(served.pages(path, e.TENANT)[0]) == count


@pytest.mark.parametrize(
    ("cloud", "words"),
    [
        ({"versions": []}, "cloud: expected"),
        ({"versions": {"Microsoft.Sql": "2021-11-01"}}, "cloud.versions.Microsoft.Sql"),
        ({"versions": {}, "place": "x"}, "unknown key 'place'"),
    ],
)
def test_an_invalid_cloud_is_refused(cloud: object, words: str) -> None:
    with pytest.raises(LineError, match=words):
        parse(json.dumps({"cloud": cloud}).encode())
