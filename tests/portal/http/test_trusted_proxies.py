"""The client's address is determined correctly, whatever the peer is and whatever headers a client sends."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from portal.http.client_address import ClientAddressMiddleware
from portal.http.trusted_proxies import TrustedProxies
from tests.portal.settings.read_settings import run

ATTACKER, CLIENT, PROXY, OUTER = "198.51.100.66", "203.0.113.7", "10.0.0.5", "192.0.2.8"


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "expected"),
    [
        ([], ATTACKER, CLIENT, ATTACKER),
        ([], "", CLIENT, "127.0.0.1"),
        (["unix"], ATTACKER, CLIENT, ATTACKER),
        (["unix"], "", CLIENT, CLIENT),
        (["unix"], "", "", "127.0.0.1"),
        (["unix"], "", "nonsense", "127.0.0.1"),
        ([PROXY], PROXY, CLIENT, CLIENT),
        ([PROXY], PROXY, "", PROXY),
        # A client can send X-Forwarded-For itself. The proxy appends the address that it sees, so only the end of
        # the header can be trusted.
        ([PROXY], PROXY, f"127.0.0.1, {CLIENT}, {ATTACKER}", ATTACKER),
        ([PROXY, "192.0.2.0/24"], PROXY, f"127.0.0.1, {ATTACKER}, {OUTER}", ATTACKER),
        ([PROXY], PROXY, f"{CLIENT}, {OUTER}", OUTER),
        ([PROXY], PROXY, f"{CLIENT}, unknown", PROXY),
        ([PROXY], f"::ffff:{PROXY}", CLIENT, CLIENT),
        ([PROXY], PROXY, "2001:db8::7", "2001:db8::7"),
        ([PROXY], PROXY, "::ffff:203.0.113.7", CLIENT),
        ([PROXY], PROXY, f"{CLIENT}:49152", CLIENT),
        ([PROXY], PROXY, "[2001:db8::7]:49152", "2001:db8::7"),
        ([PROXY], PROXY, "fe80::1%eth0", "fe80::1"),
        (["2001:db8::/32"], "2001:db8::1", CLIENT, CLIENT),
    ],
)
def test_headers_count_only_from_listed_proxies(
    trusted: list[str], peer: str, forwarded: str, expected: str
) -> None:
    assert TrustedProxies.parse(trusted).client(peer, forwarded) == expected


@pytest.mark.parametrize(
    ("trusted", "peer", "protocol", "secure"),
    [
        ([], ATTACKER, "https", False),
        ([], "", "https", False),
        (["unix"], "", "https", True),
        (["unix"], ATTACKER, "https", False),
        ([PROXY], PROXY, "https", True),
        ([PROXY], PROXY, "http", False),
        ([PROXY], PROXY, "", False),
        ([PROXY], PROXY, "https, http", False),
        ([PROXY], PROXY, "http, https", True),
    ],
)
def test_the_scheme_counts_only_from_listed_proxies(
    trusted: list[str], peer: str, protocol: str, secure: bool
) -> None:
    seen: list[bool] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.is_secure())
        return HttpResponse()

    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO=protocol)
    with override_settings(
        SURETY_TRUSTED_PROXIES=trusted, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")
    ):
        ClientAddressMiddleware(view)(request)
    assert seen == [secure]


@pytest.mark.parametrize("entry", ["proxy.example", "10.0.0.1/24", "0.0.0.0/0", "::/0", "10.0.0"])
def test_an_entry_that_is_no_proxy_is_refused_by_name(entry: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SURETY_TRUSTED_PROXIES"):
        TrustedProxies.parse([entry])


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"SURETY_TRUSTED_PROXIES": "everything"}, "not an address, a network or the word `unix`"),
        ({"SURETY_BEHIND_PROXY": "1"}, "set SURETY_TRUSTED_PROXIES"),
    ],
)
def test_surety_does_not_start_with_an_invalid_setting(
    tmp_path: Path, environment: dict[str, str], message: str
) -> None:
    done = run(tmp_path / "home", ["DEBUG"], **environment)
    assert done.returncode != 0
    assert message in done.stderr
