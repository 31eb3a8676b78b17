"""Signing in to the sandbox's Entra: each refusal says what to do, and no secret is exposed."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError

from assessments.collect.http.clouds import single_host
from assessments.collect.http.policies import Patience
from assessments.collect.session import Session, check_credential
from assessments.collect.sign_in.credentials import translate
from assessments.collect.sign_in.refusals import (
    AccessBlocked,
    AuthorityUnavailable,
    CertificateRefused,
    FederationRefused,
    SecretRefused,
    SignInError,
    UnknownApplication,
    UnknownDirectory,
)
from assessments.estate.estate import UnitKind
from assessments.estate.gaps import Reason
from assessments.management.sandboxed import Served, serve
from tenants.azure.credentials import CredentialResult
from tests.assessments.collect.azure import (
    CLIENT,
    DIRECTORY,
    QUICK,
    SECRET,
    control_plane,
    guid,
    judge,
    session,
    subscription,
    write,
)
from tests.factories.azure import certificate_pair
from tests.for_each import for_each

OTHER_SECRET = "not-the~secret.at_all"
BY_CERTIFICATE = "c0000000-0000-0000-0000-0000000000ce"
BY_EXPIRED = "c0000000-0000-0000-0000-0000000000cf"
LATE_SECRET = "c0000000-0000-0000-0000-0000000000cd"


GOOD, EXPIRED, STRANGE = certificate_pair(20), certificate_pair(-1), certificate_pair(20)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    every = {"subscriptions": ["*"], "graph": ["*"]}
    clients = [
        {"clientId": CLIENT, "secret": SECRET, **every},
        {"clientId": BY_CERTIFICATE, "certificate": GOOD[0], **every},
        {"clientId": BY_EXPIRED, "certificate": EXPIRED[0], **every},
        {"clientId": LATE_SECRET, "secret": SECRET, "secretExpires": "2026-01-01T00:00:00Z", **every},
    ]
    lines = [{"directory": {"tenantId": DIRECTORY, "clients": clients}}, *subscription(guid(1))]
    with serve(write(tmp_path_factory.mktemp("entra") / "estate.jsonl", lines)) as served:
        yield served


def test_a_secret_signs_in(served: Served) -> None:
    assert [document["subscriptionId"] for document in check_credential(session(served))] == [guid(1)]


def test_a_certificate_signs_in(served: Served) -> None:
    reader = session(served, client_id=BY_CERTIFICATE, secret="", certificate=GOOD[1])
    assert [document["displayName"] for document in check_credential(reader)] == ["One"]


REFUSED = [
    ("wrong secret", {"secret": OTHER_SECRET}, SecretRefused, "AADSTS7000215"),
    ("expired secret", {"client_id": LATE_SECRET}, SecretRefused, "AADSTS7000222"),
    ("unknown application", {"client_id": guid(5)}, UnknownApplication, "AADSTS700016"),
    (
        "expired certificate",
        {"client_id": BY_EXPIRED, "secret": "", "certificate": EXPIRED[1]},
        CertificateRefused,
        "AADSTS700027",
    ),
    (
        "another certificate",
        {"client_id": BY_CERTIFICATE, "secret": "", "certificate": STRANGE[1]},
        CertificateRefused,
        "AADSTS700027",
    ),
]


@pytest.mark.parametrize(
    ("given", "kind", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_refusals_say_what_to_do(
    given: dict[str, object],
    kind: type[SignInError],
    code: str,
    served: Served,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(kind) as caught:
        check_credential(session(served, **given))
    assert caught.value.code == code
    assert "AADSTS" not in caught.value.message
    assert len(caught.value.message) > 30
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(vars(caught.value))
    for hidden in (SECRET, OTHER_SECRET, "client_secret=", "client_assertion=", "PRIVATE KEY"):
        assert hidden not in shown


def test_an_unknown_directory_is_reported(served: Served) -> None:
    with pytest.raises(UnknownDirectory) as caught:
        check_credential(
            Session(single_host(served.url, served.ca), guid(77), CLIENT, secret=SECRET, patience=QUICK)
        )
    assert caught.value.definite


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"secret": "", "certificate": b"no PEM"}, CertificateRefused),
        ({"secret": "", "certificate": GOOD[0].encode()}, CertificateRefused),
    ],
)
def test_unusable_certificates_are_refused(
    given: dict[str, object], kind: type[SignInError], served: Served
) -> None:
    with pytest.raises(kind) as caught:
        session(served, **given)
    assert caught.value.code == "invalid_certificate"


def test_an_unusable_directory_id_is_refused(served: Served) -> None:
    with pytest.raises(UnknownDirectory):
        Session(single_host(served.url, served.ca), "no guid/at all", CLIENT, secret=SECRET)


@pytest.mark.parametrize("given", [{}, {"secret": "a", "certificate": b"b"}])
def test_secret_and_certificate_exclude_each_other(given: dict[str, object], served: Served) -> None:
    with pytest.raises(ValueError, match="a secret, a certificate or an identity"):
        Session(single_host(served.url, served.ca), DIRECTORY, CLIENT, **given)


def test_an_untrusted_authority_is_reported(served: Served) -> None:
    reader = Session(
        single_host(served.url, ""), DIRECTORY, CLIENT, secret=SECRET, patience=Patience(retries=0)
    )
    with pytest.raises(AuthorityUnavailable) as caught:
        check_credential(reader)
    assert caught.value.code == "tls"
    assert not caught.value.definite


def test_an_unreachable_authority_is_reported(served: Served) -> None:
    reader = Session(
        single_host("https://localhost:1", served.ca),
        DIRECTORY,
        CLIENT,
        secret=SECRET,
        patience=Patience(retries=0),
    )
    with pytest.raises(AuthorityUnavailable) as caught:
        check_credential(reader)
    assert caught.value.code == "connection"


def test_a_throttled_sign_in_is_retried(served: Served) -> None:
    reader = session(served, patience=Patience(retries=0))
    control_plane(served, "POST", "faults", {"login": 1})
    try:
        with pytest.raises(AuthorityUnavailable) as caught:
            check_credential(reader)
    finally:
        control_plane(served, "POST", "faults", {})
    assert caught.value.code in ("http_503", "unusable_answer")
    assert check_credential(reader)


@pytest.mark.parametrize("kind", list(UnitKind))
def test_a_refused_run_signs_in_once(kind: UnitKind, served: Served) -> None:
    control_plane(served, "POST", "requests/reset")
    judged = judge(
        session(served, secret=OTHER_SECRET),
        guid(1),
        kind=kind,
        sections=("storage", "sql", "network", "identity"),
        threads=1,
    )
    asked = control_plane(served, "GET", "requests")
    assert sum(row["count"] for row in asked if row["method"] == "POST") == 1
    assert not [row for row in asked if row["path"].startswith("/subscriptions")]
    assert {gap.reason for gap in judged.estate.gaps()} == {Reason.UNAUTHENTICATED}
    assert {gap.code for gap in judged.estate.gaps()} == {"AADSTS7000215"}
    assert {str(result.verdict.outcome) for result in judged.results.values()} == {"unknown"}


@for_each(
    ("status", "aadsts", "code"),
    [
        (None, 90024, "temporarily_unavailable"),
        (400, 50033, "temporarily_unavailable"),
        (400, 50196, "temporarily_unavailable"),
        (400, 90033, "temporarily_unavailable"),
        (503, 90033, "temporarily_unavailable"),
        (503, 7000215, "http_503"),
        (429, 7000215, "http_429"),
        (401, 7000215, "AADSTS7000215"),
    ],
)
def test_a_temporary_error_of_entra_does_not_count_as_a_refused_credential(
    status: int | None, aadsts: int, code: str
) -> None:
    error: Any = ClientAuthenticationError(f"Authentication failed: AADSTS{aadsts}: x")
    error.response = None if status is None else SimpleNamespace(status_code=status)
    found = translate(error)
    assert found.code == code
    is_refusal = code.startswith("AADSTS")
    assert found.definite is is_refusal
    assert CredentialResult(error_code=found.code, error=found.message).is_refusal is is_refusal


@for_each(
    ("text", "kind", "code"),
    [
        ("Authentication failed: AADSTS90002: x", UnknownDirectory, "AADSTS90002"),
        ("AADSTS900382: Confidential Client is not supported", UnknownDirectory, "AADSTS900382"),
        ("AADSTS53003: blocked", SignInError, "AADSTS53003"),
        ("AADSTS5000225: This tenant has been blocked due to inactivity", AccessBlocked, "AADSTS5000225"),
        ("AADSTS7000226: no federated identity credential", FederationRefused, "AADSTS7000226"),
        ("AADSTS7002138: only with case-insensitive comparison", FederationRefused, "AADSTS7002138"),
        ("AADSTS99999999: new", SignInError, "AADSTS99999999"),
        ("something else", AuthorityUnavailable, "unusable_answer"),
    ],
)
def test_errors_of_azure_identity_are_translated(text: str, kind: type[SignInError], code: str) -> None:
    error = translate(ValueError(text))
    assert isinstance(error, kind)
    assert error.code == code
    assert text not in error.message
