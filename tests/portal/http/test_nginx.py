"""The documented reverse proxy, docs/examples/nginx.conf, with a real nginx in front of a real gunicorn."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import trustme
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.urls import get_resolver

from portal.accounts.models import Session
from portal.body_limits import ANONYMOUS, DEFAULT, LIMITS
from portal.http.request_bodies import MIB
from portal.settings.env import BASE_DIR
from tests import factories
from tests.factories.people import PASSWORD
from tests.portal.http.server import Server, serving

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
EXAMPLE = BASE_DIR / "docs" / "examples" / "nginx.conf"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
HOST, EMAIL = "surety.example.com", "somebody@nginx.example"


@dataclass
class Proxy:
    port: int
    plain_port: int
    folder: Path
    certificates: trustme.CA
    surety: Server

    def connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context()
        self.certificates.configure_trust(context)
        return context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.port), timeout=20), server_hostname=HOST
        )

    def request(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, Any, str]:
        connection = http.client.HTTPConnection(HOST, timeout=20)
        connection.sock = self.connect()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, given)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode(errors="replace")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def nginx() -> str:
    if NGINX is None:
        pytest.skip("nginx is not installed")
    return NGINX


@pytest.fixture(scope="module")
def proxy(
    nginx: str, committed: None, broker: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    person = factories.person(EMAIL)
    person.password = ScryptPasswordHasher().encode(PASSWORD, "salt")
    person.save()
    folder = tmp_path_factory.mktemp("nginx")
    certificates = trustme.CA()
    issued = certificates.issue_cert(HOST)
    issued.private_key_pem.write_to_path(folder / "key.pem")
    for part in issued.cert_chain_pems:
        part.write_to_path(folder / "fullchain.pem", append=True)
    port, plain = free_port(), free_port()
    with serving(
        folder, broker, SURETY_TRUSTED_PROXIES="unix", SURETY_URL=f"https://{HOST}", SURETY_HOSTS="127.0.0.1"
    ) as surety:
        text = EXAMPLE.read_text()
        for before, after in {
            "user www-data;": f"user {'root' if os.geteuid() == 0 else 'nobody'};",
            "/run/nginx.pid": f"{folder}/nginx.pid",
            "/var/log/nginx": str(folder),
            "/etc/ssl/surety": str(folder),
            "/run/surety/web.sock": str(surety.path),
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            "listen [::]:443 ssl;": "",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen [::]:80;": "",
            "http {\n": "http {\n" + "".join(f"{name}_temp_path {folder}/{name};\n" for name in TEMPORARY),
        }.items():
            assert before in text, before
            text = text.replace(before, after)
        (folder / "nginx.conf").write_text(text)
        command = [
            nginx,
            "-c",
            str(folder / "nginx.conf"),
            "-p",
            str(folder),
            "-e",
            str(folder / "error.log"),
        ]
        process = subprocess.Popen([*command, "-g", "daemon off;"])
        try:
            _wait(port)
            yield Proxy(port, plain, folder, certificates, surety)
        finally:
            process.terminate()
            process.wait(20)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_group_of_the_socket_can_connect_and_others_cannot(proxy: Proxy) -> None:
    # nginx runs as its own user, which is in the group of the socket's folder.
    assert stat.S_IMODE(proxy.surety.path.stat().st_mode) == 0o660


def sign_in(proxy: Proxy, **headers: str) -> tuple[int, Any, str]:
    _, answered, page = proxy.request("GET", "/accounts/login/", **headers)
    cookie = answered["Set-Cookie"].partition(";")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
    form = urlencode({"csrfmiddlewaretoken": token, "login": EMAIL, "password": PASSWORD}).encode()
    return proxy.request(
        "POST", "/accounts/login/", form, Cookie=cookie, Referer=f"https://{HOST}/accounts/login/",
        Content_Type="application/x-www-form-urlencoded", **headers,
    )  # fmt: skip


def test_people_sign_in_over_https_and_cannot_choose_their_address(proxy: Proxy) -> None:
    status, headers, page = sign_in(proxy, X_Forwarded_For="198.51.100.98", X_Forwarded_Proto="http")
    assert status == 302, page
    cookies = headers.get_all("Set-Cookie")
    assert all("Secure" in cookie for cookie in cookies)
    session = next(cookie.partition(";")[0] for cookie in cookies if cookie.startswith("__Host-session="))
    status, headers, _ = proxy.request("GET", "/", Cookie=session, X_Forwarded_For="198.51.100.98")
    assert status == 200
    assert "max-age" in headers["Strict-Transport-Security"]
    assert set(Session.objects.filter(person__email=EMAIL).values_list("address", flat=True)) == {"127.0.0.1"}


def handshake(proxy: Proxy, version: ssl.TLSVersion, ciphers: str = "") -> tuple[str, str]:
    """Return the version and cipher suite of a connection for which the client offers only `version` and `ciphers`."""
    context = ssl.create_default_context()
    proxy.certificates.configure_trust(context)
    context.set_ciphers(f"{ciphers or 'ALL'}:@SECLEVEL=0")
    with warnings.catch_warnings():
        # The test offers outdated versions of TLS on purpose.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", proxy.port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as connection,
    ):
        cipher = connection.cipher()
        assert cipher is not None
        return str(connection.version()), cipher[0]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_of_tls_are_refused(proxy: Proxy, version: ssl.TLSVersion) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(proxy, version)


def test_tls_is_1_3_or_1_2_with_aead_and_forward_secrecy(proxy: Proxy) -> None:
    assert handshake(proxy, ssl.TLSVersion.TLSv1_3)[0] == "TLSv1.3"
    version, cipher = handshake(proxy, ssl.TLSVersion.TLSv1_2)
    assert version == "TLSv1.2"
    assert cipher.startswith("ECDHE-")
    assert "GCM" in cipher or "POLY1305" in cipher


@pytest.mark.parametrize(
    "ciphers", ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE+AES+SHA1", "DHE", "CAMELLIA", "aNULL"]
)
def test_other_cipher_suites_are_refused(proxy: Proxy, ciphers: str) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(proxy, ssl.TLSVersion.TLSv1_2, ciphers)


def test_plain_http_is_redirected(proxy: Proxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.plain_port, timeout=10)
    connection.request("GET", "/verify/?x=1", headers={"Host": HOST})
    response = connection.getresponse()
    assert (response.status, response.headers["Location"]) == (301, f"https://{HOST}/verify/?x=1")


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/verify/", "/t/a/exceptions/request/"])
@pytest.mark.parametrize("framing", [f"Content-Length: {400 * 2**20}", "Transfer-Encoding: chunked"])
def test_400_mb_are_refused(proxy: Proxy, path: str, framing: str) -> None:
    block = b"10000\r\n" + b"x" * 0x10000 + b"\r\n" if "chunked" in framing else b"x" * 0x10000
    with proxy.connect() as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\n{framing}\r\n\r\n".encode())
        connection.settimeout(0.001)
        answer, sent = b"", 0
        while not answer and sent < 400 * 2**20:
            with suppress(TimeoutError, ssl.SSLWantReadError):
                answer = connection.recv(100)
            if not answer:
                connection.settimeout(10)
                with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
                    connection.sendall(block)
                connection.settimeout(0.001)
                sent += len(block)
        assert answer.startswith(b"HTTP/1.1 413"), answer
        assert sent < 110 * 2**20


@pytest.mark.slow(seconds=1)
def test_thirty_silent_uploads_and_half_requests_stop_nobody(proxy: Proxy) -> None:
    with ExitStack() as stack:
        for n in range(30):
            connection = stack.enter_context(proxy.connect())
            head = f"POST /verify/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 900000\r\n"
            connection.sendall(head.encode() + (b"\r\n" + b"x" * 1000 if n % 2 else b""))
        begun = time.monotonic()
        assert proxy.request("GET", "/verify/")[0] == 200
        status, _, page = sign_in(proxy)
        assert status == 302, page
        # The proxy closes silent uploads after 15 seconds. The requests above did not have to wait for this.
        assert time.monotonic() - begun < 12


def test_neither_log_contains_tokens(proxy: Proxy) -> None:
    token = "dG9rZW4tdGhhdC1tdXN0LWJl-hidden"
    for path in (
        f"/accounts/password/reset/key/1-{token}/",
        f"/unsubscribe/{token}/",
        f"/invitations/{token}/",
        f"/emergency/{token}/",
        f"/first-start/{token}/",
        f"/report-links/{token}/",
        f"/accounts/confirm-email/{token}/",
    ):
        proxy.request("GET", path, Referer=f"https://{HOST}{path}")
    proxy.request("GET", f"/verify/?next={token}")
    time.sleep(0.5)
    log = (proxy.folder / "access.log").read_text()
    assert log.count("[hidden]") >= 6
    assert token not in log + proxy.surety.log.read_text()


TOKEN = "dG9rZW4tb2YtYW4tZXJyb3I-hidden"


def test_the_error_log_contains_no_tokens(proxy: Proxy) -> None:
    """nginx's errors about a request, for example about a body that is too large, contain the URL and Referer of the
    request. So these errors are not logged.
    """
    path = f"/invitations/{TOKEN}/"
    parked = proxy.surety.path.with_name("parked.sock")
    proxy.surety.path.rename(parked)
    try:
        assert proxy.request("GET", path, Referer=f"https://{HOST}/emergency/{TOKEN}/")[0] == 502
        assert proxy.request("GET", "/static/x.css", Referer=f"https://{HOST}/emergency/{TOKEN}/")[0] == 502
    finally:
        parked.rename(proxy.surety.path)
    too_large = proxy.request("POST", path, b"x", Content_Length=str(10**9))
    assert too_large[0] == 413
    time.sleep(0.5)
    log = (proxy.folder / "error.log").read_text()
    assert TOKEN not in log


def test_one_network_of_ipv6_is_one_client_for_nginx() -> None:
    """Test the expressions of nginx's map in Python, which interprets them as PCRE does, except for the syntax of named
    groups.
    """
    block = EXAMPLE.read_text().partition("map $remote_addr $surety_client {")[2].partition("}\n    #")[0]
    patterns = [re.sub(r"\?<", "?P<", found) for found in re.findall(r'"~([^"]+)"', block)]

    def client(address: str) -> str:
        found = (re.match(pattern, address) for pattern in patterns)
        return next((match["network"] for match in found if match), address)

    assert len(patterns) == 2
    assert client("2001:db8:7:40:1:2:3:4") == client("2001:db8:7:40:ffff::1") == client("2001:db8:7:40::9")
    assert client("2001:db8:7:41::1") != client("2001:db8:7:40::1")
    assert client("2001:db8::1") == client("2001:db8::ffff:1:2:3")
    assert client("2001:db8::1") != client("2001:db9::1")
    assert client("198.51.100.7") == "198.51.100.7"
    assert client("198.51.100.8") == "198.51.100.8"


def test_the_configuration_logs_no_errors_of_requests_and_no_unfiltered_addresses() -> None:
    """Check the text of the example, so that a wrong change is noticed even where nginx is not installed.

    The example sets its logs in each `server` block, where they replace the logs set in `http`. If it set them in
    `http`, nginx would also write the logs that a distribution's nginx.conf sets, with tokens in their lines.
    """
    lines = [line.partition("#")[0].rstrip() for line in EXAMPLE.read_text().splitlines()]
    in_http = lines[lines.index("http {") :]
    errors, accesses = (
        [line for line in in_http if line.strip().startswith(name)] for name in ("error_log", "access_log")
    )
    in_server = " " * 8
    assert errors == [f"{in_server}error_log /var/log/nginx/error.log alert;"] * in_http.count("    server {")
    assert accesses == [
        f"{in_server}access_log off;",
        f"{in_server}access_log /var/log/nginx/access.log surety;",
    ]
    formats = [line.strip() for line in in_http if line.strip().startswith("log_format")]
    assert [line.split()[1] for line in formats] == ["surety"]
    for variable in (
        "$request ",
        '$request"',
        "$request_uri",
        "$uri",
        "$args",
        "$http_referer",
        "$http_cookie",
    ):
        assert variable not in formats[0], variable


def test_the_content_of_http_fits_into_the_configuration_of_a_distribution(
    nginx: str, tmp_path: Path
) -> None:
    """Debian's nginx.conf sets `default_type` and `server_tokens`. If the example set them again in `http`, nginx would
    refuse to start.
    """
    issued = trustme.CA().issue_cert(HOST)
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "fullchain.pem")
    content = EXAMPLE.read_text().partition("\nhttp {\n")[2].rstrip().removesuffix("}")
    for before, after in {"/var/log/nginx": str(tmp_path), "/etc/ssl/surety": str(tmp_path)}.items():
        content = content.replace(before, after)
    for port in ("80", "443"):
        content = content.replace(f"listen {port}", f"listen 127.0.0.1:{free_port()}")
        content = re.sub(rf"listen \[::\]:{port}\b.*;", "", content)
    (tmp_path / "surety.conf").write_text(content)
    own = (
        "default_type application/octet-stream;",
        "server_tokens off;",
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "ssl_prefer_server_ciphers off;",
        f"access_log {tmp_path}/access.log;",
        f"error_log {tmp_path}/error.log;",
        *(f"{name}_temp_path {tmp_path}/{name};" for name in TEMPORARY),
        f"include {tmp_path}/surety.conf;",
    )
    main = tmp_path / "nginx.conf"
    main.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n" + "\n".join(own) + "\n}\n")
    command = [nginx, "-t", "-c", str(main), "-p", str(tmp_path), "-e", str(tmp_path / "error.log")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow(seconds=3)
def test_every_address_with_a_token_is_hidden_in_the_access_log() -> None:
    """The test takes the paths from the portal's URL patterns, so a new path with a token cannot be forgotten."""
    block = EXAMPLE.read_text().partition("map $uri $logged_uri {")[2].partition("}\n    log_format")[0]
    hidden = [re.compile(found.replace("(?<", "(?P<")) for found in re.findall(r'"~([^"]+)"', block)]
    secret = [path for path in _addresses() if _TOKEN.search(path)]
    assert len(secret) >= 7
    shown = [path for path in secret if not any(pattern.match("/" + path) for pattern in hidden)]
    assert shown == []


_TOKEN = re.compile(r"<(?:\w+:)?token>|P<key>")


def _addresses(patterns: Any = None, before: str = "") -> Iterator[str]:
    """Yield the path of every URL pattern of the portal, with parameters such as `<slug:tenant>`."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        path = before + re.sub(r"[\^$]", "", str(one.pattern))
        if hasattr(one, "url_patterns"):
            yield from _addresses(one.url_patterns, path)
        else:
            yield path


@pytest.mark.slow(seconds=4)
def test_the_proxy_lets_through_what_surety_accepts() -> None:
    """The proxy must not refuse a file that Surety accepts, because the proxy's error does not explain the reason."""
    blocks = re.findall(r"location (= |~ )(\S+) \{\s+client_max_body_size (\d+)([km]);", EXAMPLE.read_text())
    sizes = {
        re.escape(path) if kind == "= " else path.strip("^"): int(size) * {"k": 1024, "m": MIB}[unit]
        for kind, path, size, unit in blocks
    }
    for pattern, limit in {**LIMITS.public, **LIMITS.signed_in}.items():
        sample = pattern.replace("[^/]+", "x").replace(".*", "x/")
        found = [size for path, size in sizes.items() if re.match(path, sample)]
        assert found, f"no location of the example matches {sample}"
        assert found[0] >= limit, (sample, limit)
        if limit == ANONYMOUS:
            assert found == [limit], sample
    (default,) = re.findall(r"client_max_body_size (\d+);", EXAMPLE.read_text())
    assert int(default) == DEFAULT
