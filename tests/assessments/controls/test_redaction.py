"""Redacted documents are judged like the originals, and contain no secrets."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from assessments.estate import redact as redaction
from assessments.estate.collections import ALL
from assessments.estate.redact import key_masks, redact
from tenants import secrets
from tests.assessments.controls.cases import Case, check_cases, slugs
from tests.assessments.controls.judging import outcomes
from tests.for_each import for_each
from tests.processor_time import at_most


def mark(name: str) -> str:
    """The mask of a name with the installation's key."""
    return hmac.new(secrets.mask_key(), name.encode(), hashlib.sha256).hexdigest()[:10]


@pytest.fixture(autouse=True)
def _masked_with_the_present_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process keeps the key that it used for its first mask, but an earlier test may have replaced the stored key. So
    read the key again.
    """
    monkeypatch.setattr(redaction, "_keys", [secrets.mask_key])


def _redacted(case: Case) -> Case:
    def bodies(name: str, given: Sequence[Mapping[str, Any]]) -> list[Any]:
        return [redact(body, person=ALL[name].personal) for body in given]

    docs: dict[str, Any] = {}
    for name, given in case.docs.items():
        if isinstance(given, Mapping):
            docs[name] = {scope: bodies(name, answered) for scope, answered in given.items()}
        else:
            docs[name] = bodies(name, given)
    return replace(case, docs=docs)


@pytest.mark.parametrize(
    ("text", "is_masked"),
    [("methods[].@odata.type", False), ("[].+@odata.type", False), ("ada@odata.type", True)],
)
def test_paths_of_properties_are_no_email_addresses(text: str, is_masked: bool) -> None:
    assert (redact({"field": text}) != {"field": text}) is is_masked


@pytest.mark.slow(seconds=2)
@for_each("slug", slugs())
def test_redacted_documents_are_judged_like_the_originals(slug: str) -> None:
    check_cases(slug, check_verdicts)


@pytest.mark.slow(seconds=1)
@for_each("slug", slugs())
def test_redacting_twice_changes_nothing(slug: str) -> None:
    check_cases(slug, check_idempotence)


def check_verdicts(case: Case) -> None:
    plain, redacted = outcomes(case.judge()), outcomes(_redacted(case).judge())
    assert redacted == plain


def check_idempotence(case: Case) -> None:
    once = _redacted(case)
    assert _redacted(once).docs == once.docs


# {a text in any property: the redacted text}
TEXTS = {
    "https://x.blob.core.windows.net/c?sv=1&sig=abc%3D&se=2": "https://x.blob.core.windows.net/c?sv=1&[redacted]&se=2",
    "SIG=abc": "[redacted]",
    "AccountName=a;AccountKey=Zm9v==;EndpointSuffix=x": "AccountName=a;[redacted];EndpointSuffix=x",
    "accountkey=Zm9v": "[redacted]",
    "Endpoint=sb://x/;SharedAccessKey=Zm9v": "Endpoint=sb://x/;[redacted]",
    "Server=x;Password=hunter2;": "Server=x;[redacted];",
    "Server=x;User Id=y;Pwd=hunter2;": "Server=x;User Id=y;[redacted];",
    "grant=a&client_secret=hunter2&b=c": "grant=a&[redacted]&b=c",
    "https://x.example.com/?api-key=hunter2": "https://x.example.com/?[redacted]",
    "https://f.azurewebsites.net/api/run?code=aHVudGVyMg==&x=1": "https://f.azurewebsites.net/api/run?[redacted]&x=1",
    "zip code=12345": "zip code=12345",
    "Endpoint=https://x.service.signalr.net;AccessKey=Zm9v=;Version=1.0": "Endpoint=https://x.service.signalr.net;[redacted];Version=1.0",
    "Endpoint=https://x.azconfig.io;Id=a;Secret=Zm9v=": "Endpoint=https://x.azconfig.io;Id=a;[redacted]",
    "https://x.example.com/hook?token=hunter2&x=1": "https://x.example.com/hook?[redacted]&x=1",
    "https://x.example.com/hook?x=1&access_token=hunter2": "https://x.example.com/hook?x=1&[redacted]",
    "SharedAccessSignature=sv%3D1%26sig%3Dabc": "SharedAccessSignature=sv%3D1%26[redacted]",
    "@Microsoft.KeyVault(SecretUri=https://x.vault.azure.net/secrets/a)": (
        "@Microsoft.KeyVault(SecretUri=https://x.vault.azure.net/secrets/a)"
    ),
    "Authorization: Bearer abc.def": "Authorization: [redacted]",
    "BEARER abc": "[redacted]",
    "token eyJhbGciOi.eyJzdWIi.c2ln in a text": "token [redacted] in a text",
    "x_eyJhbGciOi.eyJzdWIi.c2ln": "x_[redacted]",
    "eyJeyJa.b.c.d": "[redacted].d",
    "eyJ.a.b eyJa.b": "eyJ.a.b eyJa.b",
    "token=a;eyJa.eyJb.c;sig=x;ada@example.com": "token=a;[redacted];[redacted]",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----": "[redacted]",
    "-----begin certificate-----\nMIIE": "[redacted]",
    "ada@example.com wrote to bob@example.com": "masked-{ada}@example.com wrote to masked-{bob}@example.com",
    "http://ada:hunter!2@proxy:8080/": "http://[redacted]@proxy:8080/",
    "https://x.example.com:443/a:b/@c": "https://x.example.com:443/a:b/@c",
    "/subscriptions/x/resourceGroups/rg-bearing": "/subscriptions/x/resourceGroups/rg-bearing",
    "a = b and c - d": "a = b and c - d",
    "": "",
}


@for_each("text", TEXTS, ids=[f"text{number}" for number in range(len(TEXTS))])
def test_secrets_in_texts_are_redacted(text: str) -> None:
    marks = {name: mark(name) for name in ("ada", "bob")}
    expected = TEXTS[text].format(**marks) if "{ada}" in TEXTS[text] else TEXTS[text]
    assert redact(text) == expected
    assert redact({"properties": {"anything": [text]}}) == {"properties": {"anything": [expected]}}


@pytest.mark.parametrize(
    "text",
    [
        "a" * 400_000 + "@",
        "eyJ" * 130_000,
        "a@" + "b-" * 200_000,
        "eyJa." + "eyJ" * 130_000,
        "://a:" * 80_000 + "=",
    ],
    ids=["address", "token", "domain", "second part", "user name"],
)
def test_long_texts_are_redacted_in_linear_time(text: str) -> None:
    """Customers can write such texts into resources. In quadratic time, each text would occupy a worker for minutes."""
    with at_most(2):
        redact({"properties": {"description": text}})


SECRET_NAMES = (
    "adminPassword",
    "administratorLogin",
    "administratorLoginPassword",
    "clientSecret",
    "primarySharedKey",
    "primaryKey",
    "secondaryReadonlyMasterKey",
    "encodedCertificate",
    "customData",
    "userData",
    "protectedSettings",
    "connectionString",
    "sasToken",
    "sid",
    "keyData",
    "thumbprint",
    "serviceUri",
    "webhookProperties",
    "CUSTOMDATA",
    "InstrumentationKey",
    "commandToExecute",
    "passphrase",
    "pwd",
    "apiKey",
    "api-key",
    "accessToken",
    "access_token",
    "Authorization",
    "Ocp-Apim-Subscription-Key",
    "db-pass",
    "Token",
    "root-passwd",
    "hidden-link: /app-insights-instrumentation-key",
    "hidden-link: /app-insights-conn-string",
)
KEPT_NAMES = (
    "keyCreationTime",
    "keyName",
    "allowSharedKeyAccess",
    "allowSharedKeyAccessForServices",
    "disablePasswordAuthentication",
    "keySource",
    "bypass",
    "name",
)


@for_each("name", SECRET_NAMES)
def test_values_of_secret_properties_are_redacted(name: str) -> None:
    assert redact({name: "hunter2"}) == {name: "[redacted]"}
    assert redact({name: 7}) == {name: "[redacted]"}
    assert redact({name: ["hunter2"]}) == {name: ["[redacted]"]}
    # Null and true are preserved. They are not secrets, and controls read from them whether a secret is present.
    assert redact({name: None}) == {name: None}
    assert redact({name: True}) == {name: True}


@for_each("name", KEPT_NAMES)
def test_properties_that_rules_read_are_preserved(name: str) -> None:
    assert redact({name: "a value"}) == {name: "a value"}


def test_values_of_headers_with_secrets_are_redacted() -> None:
    """Rewrite rules of application gateways set headers, whose values can be secrets:
    https://learn.microsoft.com/azure/application-gateway/rewrite-http-headers-url
    """
    plain = {"headerName": "Strict-Transport-Security", "headerValue": "max-age=31536000"}
    secret = [{"headerName": name, "headerValue": "hunter2"} for name in ("X-Api-Key", "Authorization")]
    document = {"actionSet": {"requestHeaderConfigurations": [*secret, plain]}}
    masked = [{**one, "headerValue": "[redacted]"} for one in secret]
    assert redact(document) == {"actionSet": {"requestHeaderConfigurations": [*masked, plain]}}
    assert redact(redact(document)) == redact(document)


def test_values_that_firewalls_compare_with_secret_headers_are_redacted() -> None:
    """Custom rules of web application firewalls, in Front Door and in application gateways, compare headers with values
    that can be secrets:
    https://learn.microsoft.com/azure/web-application-firewall/afds/waf-front-door-custom-rules
    """
    header = {"matchVariable": "RequestHeader", "selector": "X-Shared-Secret", "matchValue": ["hunter2"]}
    variables = [{"variableName": "RequestHeaders", "selector": "X-Auth"}]
    gateway = {"matchVariables": variables, "operator": "Equal", "matchValues": ["hunter2"]}
    address = {"matchVariable": "SocketAddr", "selector": None, "matchValue": ["0.0.0.0/0"]}
    document = {"matchConditions": [header, gateway, address]}
    masked = {
        "matchConditions": [
            {**header, "matchValue": ["[redacted]"]}, {**gateway, "matchValues": ["[redacted]"]}, address
        ]
    }  # fmt: skip
    assert redact(document) == masked
    assert redact(masked) == masked


def test_headers_in_rules_engines_and_rewrite_conditions_are_redacted() -> None:
    """The list of Front Doors (classic) contains their rules engines, and the list of application gateways contains the
    conditions of their rewrite rules.

    Sources of the properties: frontdoor/resource-manager/Microsoft.Network/FrontDoor/stable/2025-10-01 (HeaderAction,
    RulesEngineMatchCondition) and azure-mgmt-network 33.1.0 (ApplicationGatewayRewriteRuleCondition,
    HeaderValueMatcher).
    """
    added = {"headerActionType": "Overwrite", "headerName": "X-Api-Key", "value": "hunter2"}
    plain = {"headerActionType": "Overwrite", "headerName": "X-Region", "value": "west"}
    compared = {
        "rulesEngineMatchVariable": "RequestHeader", "selector": "X-Auth", "rulesEngineMatchValue": ["hunter2"]
    }  # fmt: skip
    path = {"rulesEngineMatchVariable": "RequestPath", "selector": None, "rulesEngineMatchValue": ["/a"]}
    condition = {"variable": "http_req_Authorization", "pattern": "hunter2"}
    other = {"variable": "var_uri_path", "pattern": "/a"}
    matched = {"headerName": "X-Api-Key", "headerValueMatcher": {"pattern": "hunter2"}}
    document = {"rules": [added, plain, compared, path, condition, other, matched]}
    masked = {
        "rules": [
            {**added, "value": "[redacted]"}, plain, {**compared, "rulesEngineMatchValue": ["[redacted]"]}, path,
            {**condition, "pattern": "[redacted]"}, other, {**matched, "headerValueMatcher": "[redacted]"}
        ]
    }  # fmt: skip
    assert redact(document) == masked
    assert redact(masked) == masked


def test_people_are_masked() -> None:
    user = {
        "displayName": "Ada L",
        "mail": "ada",
        "mobilePhone": "+49 151 23",
        "businessPhones": ["7"],
        "id": "1",
    }
    kept = redact(user, person=True)
    assert (kept["id"], kept["mobilePhone"]) == ("1", "+00 000 00")
    assert kept["displayName"].startswith("masked-")
    assert kept["mail"].startswith("masked-")
    assert redact({"displayName": "Contoso"}) == {"displayName": "Contoso"}


def test_masks_cannot_be_tested_without_the_key() -> None:
    """A person who reads stored evidence cannot find out whether it contains the mask of a guessed name."""
    mask = redact({"mail": "ada@contoso.example"})["mail"].partition("@")[0]
    assert mask == f"masked-{mark('ada')}"
    assert mask != f"masked-{hashlib.sha256(b'ada').hexdigest()[:10]}"


def test_another_key_gives_other_masks_and_the_same_key_the_same() -> None:
    first = redact({"mail": "ada@contoso.example"})
    key_masks(lambda: b"another key of thirty-two bytes..")
    assert redact({"mail": "ada@contoso.example"}) != first
    key_masks(secrets.mask_key)
    assert redact({"mail": "ada@contoso.example"}) == first


def test_masks_without_a_key_from_earlier_versions_stay_as_they_are() -> None:
    earlier = f"masked-{hashlib.sha256(b'ada').hexdigest()[:10]}"
    document = {"mail": f"{earlier}@contoso.example", "userPrincipalName": f"{earlier}@contoso.example"}
    assert redact(document, person=True) == document


def test_the_key_of_masks_stays_while_keys_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = secrets.new_key(), secrets.new_key()
    monkeypatch.setenv("SURETY_KEYS", old)
    before = secrets.mask_key()
    monkeypatch.setenv("SURETY_KEYS", f"{new},{old}")
    assert secrets.mask_key() == before
    monkeypatch.setenv("SURETY_KEYS", new)
    assert secrets.mask_key() != before
