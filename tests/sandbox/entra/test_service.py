"""Sign-in: tokens and Entra's errors."""

import base64
import json

import pytest

from tests.for_each import for_each
from tests.sandbox import estates as e
from tests.sandbox.running import VERSION, Running

NOWHERE = "90000000-0000-0000-0000-0000000000ff"


def ask(served: Running, tenant: str = e.TENANT, client: str = e.ALL, **form: str):
    return served.sign_in(tenant, client, **{"client_secret": "s3cret", **form})


@for_each(
    ("form", "status", "error", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": ""}, 401, "invalid_client", 7000218),
        ({"client": NOWHERE}, 400, "unauthorized_client", 700016),
        ({"tenant": NOWHERE}, 400, "invalid_request", 90002),
        ({"tenant": e.OTHER_TENANT}, 400, "unauthorized_client", 700016),
        ({"client": e.OUTDATED, "client_secret": "s5cret"}, 401, "invalid_client", 7000222),
        ({"client": e.CERTIFIED}, 401, "invalid_client", 7000215),
        ({"client_assertion": "a.b.c"}, 401, "invalid_client", 50027),
        ({"client_assertion": "e30.e30."}, 401, "invalid_client", 700027),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"scope": "https://vault.azure.net/.default"}, 400, "invalid_resource", 500011),
        ({"scope": "openid"}, 400, "invalid_scope", 1002012),
    ],
)
def test_refused_sign_ins_have_entras_codes(
    served: Running, form: dict[str, str], status: int, error: str, code: int
) -> None:
    answer = ask(served, **form)
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [code])
    assert body["error_description"].startswith(f"AADSTS{code}: ")
    assert "access_token" not in body


def test_token_contains_the_claims_of_its_client(served: Running) -> None:
    body = ask(served).json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3599)
    payload = body["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert (claims["tid"], claims["appid"], claims["exp"] - claims["iat"]) == (e.TENANT, e.ALL, 3599)


def test_openid_configuration_and_discovery_are_served(served: Running) -> None:
    body = served.http.get(f"{served.url}/{e.TENANT}/v2.0/.well-known/openid-configuration").json()
    assert body["token_endpoint"] == f"{served.url}/{e.TENANT}/oauth2/v2.0/token"
    assert served.http.get(f"{served.url}/{NOWHERE}/v2.0/.well-known/openid-configuration").status_code == 400
    body = served.http.get(f"{served.url}/common/discovery/instance").json()
    assert body["tenant_discovery_endpoint"].startswith(served.url)
    assert served.http.get(f"{served.url}/{e.TENANT}/oauth2/v2.0/token").status_code == 400


@for_each("header", [None, "Bearer x", "Basic x", "Bearer", ""])
def test_requests_without_a_valid_token_are_refused(served: Running, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = served.http.get(f"{served.url}/subscriptions", params=VERSION, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")
    answer = served.http.get(f"{served.url}/v1.0/users", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize(
    ("scope", "arm", "graph"),
    [("https://management.azure.com/.default", 200, 401), ("https://graph.microsoft.com/.default", 401, 200)],
)
def test_token_is_valid_only_for_its_audience(served: Running, scope: str, arm: int, graph: int) -> None:
    token = ask(served, scope=scope).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert served.http.get(f"{served.url}/subscriptions", params=VERSION, headers=headers).status_code == arm
    assert served.http.get(f"{served.url}/v1.0/users", headers=headers).status_code == graph
