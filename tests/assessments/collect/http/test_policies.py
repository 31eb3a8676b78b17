"""Rules for requests to Azure and for their answers: only reads are sent, and only to the hosts of the cloud."""

from __future__ import annotations

import gc
import os
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from assessments.collect.errors import ForeignHost, WriteBlocked
from assessments.collect.http.clouds import Endpoints, endpoints_of, single_host
from assessments.collect.http.policies import Counter, Patience, ReadOnly, Tally, counted, reading_policies
from assessments.collect.http.transport import MAX_TRANSPORTS, transport_for
from assessments.collect.http.wire import clean, next_link, storable
from assessments.collect.session import RESOURCE_GRAPH
from tenants.clouds import CLOUDS
from tests.for_each import for_each


def leaves(guard: ReadOnly, method: str, url: str) -> None:
    request: Any = SimpleNamespace(http_request=SimpleNamespace(method=method, url=url))
    guard.on_request(request)


ARM = "https://management.azure.com"


@for_each(
    "url",
    [
        f"{ARM}/subscriptions?x=1",
        f"{ARM}:443/a",
        "https://MANAGEMENT.azure.com/a",
        f"{ARM}?x=https://evil.test",
    ],
)
def test_reads_of_the_host_are_sent(url: str) -> None:
    for method in ("GET", "get", "HEAD"):
        leaves(ReadOnly(ARM), method, url)


@for_each(
    "url",
    [
        "https://evil.test/subscriptions",
        "http://management.azure.com/a",
        "https://management.azure.com.evil.test/a",
        "https://management.azure.com@evil.test/a",
        "https://management.azure.com:8443/a",
        "//management.azure.com/a",
        "https://user:pass@management.azure.com/a",
        "https://management.azure.com:port/a",
        "/subscriptions",
        "",
        "https://management.azure.com\\@evil.test/a",
        "https://[::1]/a",
    ],
)
def test_no_request_is_sent_to_another_host(url: str) -> None:
    with pytest.raises(ForeignHost):
        leaves(ReadOnly(ARM), "GET", url)


@for_each("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_no_write_is_sent(method: str) -> None:
    with pytest.raises(WriteBlocked):
        leaves(ReadOnly(ARM), method, f"{ARM}/subscriptions/s/providers/Microsoft.Sql/register")


def test_only_the_token_endpoint_accepts_post() -> None:
    reading = ReadOnly(ARM, posts=(RESOURCE_GRAPH,))
    leaves(reading, "POST", f"{ARM}{RESOURCE_GRAPH}?api-version=2021-03-01")
    for url in (f"{ARM}{RESOURCE_GRAPH}/x", f"{ARM}/providers/Microsoft.Sql/register?x={RESOURCE_GRAPH}"):
        with pytest.raises(WriteBlocked):
            leaves(reading, "POST", url)
    guard = ReadOnly("https://login.test", posts=("/oauth2/v2.0/token",))
    leaves(guard, "POST", "https://login.test/t/oauth2/v2.0/token")
    for url in ("https://login.test/t/oauth2/v2.0/token/x", "https://login.test/?x=/oauth2/v2.0/token"):
        with pytest.raises(WriteBlocked):
            leaves(guard, "POST", url)


def test_no_policy_registers_providers() -> None:
    names = [type(policy).__name__ for policy in reading_policies(ARM, SimpleNamespace(), Patience())]
    assert "ARMAutoResourceProviderRegistrationPolicy" not in names
    assert (
        names.index("CappedRetry")
        < names.index("ReadOnly")
        < names.index("SimpleNamespace")
        < names.index("Counter")
    )


def test_counts_go_to_the_innermost_tally() -> None:
    outer, inner = Tally(), Tally()

    def seen(status: int) -> None:
        response: Any = SimpleNamespace(http_response=SimpleNamespace(status_code=status, headers={}))
        request: Any = SimpleNamespace(http_request=SimpleNamespace(url="https://localhost/x"))
        Counter().on_response(request, response)

    seen(200)
    with counted(outer):
        seen(200)
        with counted(inner):
            seen(429)
        seen(503)
    assert (outer.requests, outer.throttled) == (2, 0)
    assert (inner.requests, inner.throttled) == (1, 1)


def test_each_process_has_one_pool() -> None:
    endpoints = single_host("https://localhost:1", "")
    assert transport_for(endpoints) is transport_for(endpoints)
    assert transport_for(endpoints, read_timeout=1) is not transport_for(endpoints)
    mine = id(transport_for(endpoints).session)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"same" if id(transport_for(endpoints).session) == mine else b"own")
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    assert os.read(reading, 10) == b"own"
    os.close(reading)


@pytest.mark.slow(seconds=1)
def test_connections_of_clouds_that_are_not_used_any_more_are_closed(tmp_path: Path) -> None:
    text = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        transport = transport_for(single_host("https://localhost:1", text.format("first")))
        file = Path(transport.connection_config.verify)
        pool = transport.session.get_adapter("https://").poolmanager.connection_from_url(url)
        connection = pool._get_conn()
        connection.connect()
        pool._put_conn(connection)
        theirs, _ = server.accept()
    with theirs:
        theirs.settimeout(10)
        for number in range(MAX_TRANSPORTS):
            transport_for(single_host("https://localhost:1", text.format(number)))
        del pool, connection
        gc.collect()
        assert theirs.recv(1) == b""
    assert file.exists()  # `transport` is still referenced, because a session may use it.
    del transport
    gc.collect()
    assert not file.exists()


def test_a_ca_as_text_becomes_a_private_file(tmp_path: Path) -> None:
    text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    path = Path(transport_for(single_host("https://localhost:1", text)).connection_config.verify)
    assert path.read_text() == text
    assert path.stat().st_mode & 0o077 == 0
    given = str(tmp_path / "ca.pem")
    assert transport_for(single_host("https://localhost:1", given)).connection_config.verify == given


def test_netrc_does_not_replace_the_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    session = transport_for(single_host("https://localhost:1", "")).session
    request = requests.Request("GET", "https://localhost:1/", headers={"Authorization": "Bearer t"})
    assert session.prepare_request(request).headers["Authorization"] == "Bearer t"


@for_each("name", list(CLOUDS))
def test_endpoints_match_the_cloud(name: str) -> None:
    endpoints = endpoints_of(CLOUDS[name])
    assert endpoints.arm == CLOUDS[name].arm
    assert endpoints.graph_scope == f"{CLOUDS[name].graph}/.default"
    assert endpoints.discovery


@for_each("bad", ["http://a.test", "a.test", "", "https://"])
def test_only_https_endpoints_are_accepted(bad: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Endpoints(authority=bad, arm=ARM, arm_scope="s", graph=ARM, graph_scope="s")


def test_characters_that_cannot_be_stored_are_replaced() -> None:
    assert clean({"a\ud800": ["x\udfffy", 1, None, "ä😀"]}) == {"a\ufffd": ["x\ufffdy", 1, None, "ä😀"]}
    assert clean({"a\0": ["x\0y"]}) == {"a\ufffd": ["x\ufffdy"]}
    for bad, body in (("\ud800", b'{"a": "\\ud800"}'), ("\0", b'{"a": "\\u0000"}')):
        assert storable({"a": bad}, body) == {"a": "\ufffd"}
    value = {"a": "ä"}
    assert storable(value, b'{"a": "\\u00e4"}') is value


@for_each(
    ("wire", "link"),
    [
        ({}, ""),
        ({"nextLink": None}, ""),
        ({"nextLink": ""}, ""),
        ({"nextLink": "https://a/b"}, "https://a/b"),
        ({"@odata.nextLink": "https://a/b"}, "https://a/b"),
    ],
)
def test_next_links_are_validated(wire: dict[str, Any], link: str) -> None:
    assert next_link(wire, set()) == link
