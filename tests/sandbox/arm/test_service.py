"""ARM over plain HTTP: documents, lists, errors, permissions, scripted answers."""

import json
import time

import pytest

from tests.for_each import for_each
from tests.sandbox import estates as e
from tests.sandbox.running import VERSION, Running

ACCOUNT = f"{e.DATA}/providers/Microsoft.Storage/storageAccounts/account0"
NOBODY = "10000000-0000-0000-0000-0000000000ff"


def test_every_document_is_served_unchanged(served: Running) -> None:
    documents = [line for line in e.main_estate() if "id" in line and "virtualMachines/vm1" not in line["id"]]
    assert len(documents) >= 35
    for document in documents:
        for spelled in (document["id"], document["id"].upper()):
            answer = served.get(spelled, e.TENANT)
            assert answer.status_code == 200, spelled
            assert answer.json() == document


@for_each(
    ("path", "names"),
    [
        (f"{e.DATA}/providers/Microsoft.Storage/storageAccounts", [f"account{n}" for n in range(e.ACCOUNTS)]),
        (f"{e.S}/providers/microsoft.STORAGE/storageaccounts", [f"account{n}" for n in range(e.ACCOUNTS)]),
        (f"{e.NET}/providers/Microsoft.Storage/storageAccounts", []),
        (f"{ACCOUNT}/blobServices/default/containers", ["c0", "c1", "c2"]),
        (f"{e.SERVER}/firewallRules", [f"rule{n}" for n in range(4)]),
        (f"{e.S}/providers/Microsoft.Web/sites", []),
        (f"{e.S}/providers/Microsoft.Security/locations/westeurope/tasks", []),
        (f"{e.S}/resourceGroups", ["rg-data", "Rg-Net"]),
        (f"{e.S}/providers/Microsoft.Security/assessments", ["a1"]),
        (f"{e.S}/providers/Microsoft.Security/subAssessments", ["b1"]),
        (f"{e.S}/providers/Microsoft.Security/assessmentMetadata", ["a1"]),
        (f"{e.S}//providers//Microsoft.Network/networkWatchers/", ["w1"]),
        (
            f"{e.NET}/providers/Microsoft.Compute/virtualMachines/vm1/providers/Microsoft.Security/assessments",
            ["a1"],
        ),
    ],
)
def test_lists_contain_the_documents_of_their_scope(served: Running, path: str, names: list[str]) -> None:
    pages = served.pages(path, e.TENANT)
    assert [item["name"] for page in pages for item in page] == names
    assert all(len(page) == 3 for page in pages[:-1])


def test_top_limits_pages_and_links_keep_the_query(served: Running) -> None:
    first = served.get(
        "/subscriptions/" + e.PROD + "/resources", e.TENANT, **{"$top": "2", "$expand": "provisioningState"}
    )
    body = first.json()
    assert len(body["value"]) == 2
    assert "api-version=2024-01-01" in body["nextLink"]
    assert "%24expand" not in body["nextLink"]
    assert "$expand=provisioningState" in body["nextLink"]
    for bad in ({"$skiptoken": "!"}, {"$skiptoken": "ZnJvbTo5OTk5"}, {"$top": "0"}, {"$top": "x"}):
        assert served.get(e.S + "/resources", e.TENANT, **bad).status_code == 400


def test_plans_are_in_one_page(served: Running) -> None:
    body = served.get(f"{e.S}/providers/Microsoft.Security/pricings", e.TENANT).json()
    assert (len(body["value"]), "nextLink" in body) == (3, False)


@for_each(
    ("path", "status", "code"),
    [
        (f"{ACCOUNT}x", 404, "ResourceNotFound"),
        (f"{ACCOUNT}x/blobServices/default/containers", 404, "ResourceNotFound"),
        (f"{ACCOUNT}/managementPolicies/default", 404, "ResourceNotFound"),
        (f"{e.S}/resourceGroups/none", 404, "ResourceGroupNotFound"),
        (f"{e.S}/resourceGroups/none/resources", 404, "ResourceGroupNotFound"),
        (f"{e.S}/resourceGroups/none/providers/Microsoft.Web/sites", 404, "ResourceGroupNotFound"),
        (f"/subscriptions/{NOBODY}", 404, "SubscriptionNotFound"),
        ("/subscriptions/prod/resources", 400, "InvalidSubscriptionId"),
        (f"/subscriptions/{e.FOREIGN}", 403, "AuthorizationFailed"),
        ("/providers/Microsoft.Authorization/roleDefinitions/none", 404, "ResourceNotFound"),
        ("/", 404, "ResourceNotFound"),
    ],
)
def test_errors_have_azures_codes(served: Running, path: str, status: int, code: str) -> None:
    answer = served.get(path, e.TENANT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("params", "code"),
    [({}, "MissingApiVersionParameter"), ({"api-version": "new"}, "InvalidApiVersionParameter")],
)
def test_api_version_is_required(served: Running, params: dict[str, str], code: str) -> None:
    headers = {"Authorization": f"Bearer {served.token(e.TENANT)}"}
    answer = served.http.get(f"{served.url}/subscriptions", params=params, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_an_invalid_filter_is_refused(served: Running) -> None:
    answer = served.get(f"{e.S}/resources", e.TENANT, **{"$filter": "nonsense"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidFilterInQueryString")


@pytest.mark.parametrize(
    ("tenant", "number", "seen"),
    [(e.TENANT, 0, {e.PROD, e.TEST, e.CLOSED}), (e.TENANT, 1, {e.TEST}), (e.OTHER_TENANT, 0, {e.FOREIGN})],
)
def test_a_client_sees_only_its_granted_subscriptions(
    served: Running, tenant: str, number: int, seen: set[str]
) -> None:
    pages = served.pages("/subscriptions", tenant, number)
    assert {item["subscriptionId"] for page in pages for item in page} == seen
    for subscription in (e.PROD, e.TEST, e.CLOSED, e.FOREIGN):
        for rest in (
            "",
            "/resources",
            "/resourceGroups",
            "/providers/Microsoft.Storage/storageAccounts",
            "/locations",
        ):
            status = served.get(f"/subscriptions/{subscription}{rest}", tenant, number).status_code
            assert status == (200 if subscription in seen else 403)


def test_a_subscription_without_a_document_exists(served: Running) -> None:
    body = served.get(f"/subscriptions/{e.TEST}", e.TENANT).json()
    assert (body["displayName"], body["tenantId"], body["state"]) == (e.TEST, e.TENANT, "Enabled")


@pytest.mark.parametrize(("subscription", "status"), [(e.PROD, 403), (e.CLOSED, 409), (e.FOREIGN, 403)])
def test_writes_are_refused(served: Running, subscription: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {served.token(e.TENANT)}"}
    url = f"{served.url}/subscriptions/{subscription}/providers/Microsoft.Web/register"
    assert served.http.post(url, params=VERSION, headers=headers).status_code == status


def test_head_has_no_body(served: Running) -> None:
    headers = {"Authorization": f"Bearer {served.token(e.TENANT)}"}
    answer = served.http.head(served.url + ACCOUNT, params=VERSION, headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")


def test_scripted_answers_are_served_in_order(served: Running) -> None:
    base = f"{e.S}/providers/Microsoft.Scripted"
    answer = served.get(f"{base}/forbidden", e.TENANT)
    assert (answer.status_code, answer.json()) == (403, {"error": {"code": "AuthorizationFailed"}})
    answers = [served.get(f"{base}/busy", e.TENANT) for _ in range(4)]
    assert [a.status_code for a in answers] == [429, 429, 200, 200]
    assert answers[0].headers["Retry-After"] == "0"
    assert [a.content for a in answers[:3]] == [b"", b"", b'{"value":[1]}']
    assert json.loads(answers[3].content) == {"value": []}
    begin = time.monotonic()
    assert served.get(f"{base}/empty", e.TENANT).content == b""
    assert time.monotonic() - begin >= 0.15
    answer = served.get(f"{base}/text", e.TENANT)
    assert (answer.text, answer.headers["Content-Type"]) == ("<html>", "text/html")


def test_scripted_answers_take_precedence_only_in_their_directory(served: Running) -> None:
    path = f"{e.S}/providers/Microsoft.Scripted/forbidden"
    assert served.http.get(served.url + path).json()["error"]["code"] == "AuthorizationFailed"
    answer = served.get(path, e.OTHER_TENANT)
    assert "message" in answer.json()["error"]


def test_regions_and_providers_are_listed(served: Running) -> None:
    regions = [item["name"] for page in served.pages(f"{e.S}/locations", e.TENANT) for item in page]
    assert "westeurope" in regions
    spaces = {i["namespace"] for page in served.pages(f"{e.S}/providers", e.TENANT) for i in page}
    assert {"Microsoft.Sql", "Microsoft.Storage", "Microsoft.Compute"} <= spaces


def test_replies_have_rate_limit_headers(served: Running) -> None:
    headers = served.get(f"{e.S}/resources", e.TENANT).headers
    assert headers["x-ms-ratelimit-remaining-subscription-reads"] == "249"
    assert "x-ms-ratelimit-remaining-tenant-reads" in served.get("/subscriptions", e.TENANT).headers


def test_request_counts_can_be_reset(served: Running) -> None:
    served.token(e.TENANT)
    served.reset_counts()
    for _ in range(3):
        served.get(ACCOUNT, e.TENANT)
    served.get(f"{ACCOUNT}x", e.TENANT)
    assert served.request_counts() == {("GET", ACCOUNT, 200): 3, ("GET", f"{ACCOUNT}x", 404): 1}
    served.reset_counts()
    assert served.request_counts() == {}
    assert served.http.get(f"{served.url}/_sandbox/nothing").status_code == 404


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("tagName eq 'owner'", e.ACCOUNTS - 1),
        ("tagName eq 'owner' and tagValue eq 'data'", e.ACCOUNTS - 1),
        ("tagName eq 'none'", 0),
        ("resourceGroup eq 'RG-NET'", 4),
        ("name eq 'sql1' or location eq 'eastus'", 1),
    ],
)
def test_resources_can_be_filtered(served: Running, text: str, count: int) -> None:
    pages = served.pages(f"{e.S}/resources", e.TENANT, **{"$filter": text})
    assert sum(map(len, pages)) == count
