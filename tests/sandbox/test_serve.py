"""The command `serve`: its output, exit status and errors."""

import json
import signal
import socket
import ssl
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography import x509

from sandbox.__main__ import main
from sandbox.http.tls import server_context
from tests.sandbox import estates as e
from tests.sandbox.running import PROJECT, command, running, write_estate

pytestmark = pytest.mark.slow(seconds=15)


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    return write_estate(tmp_path / "main.jsonl", e.main_estate())


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False
    )


def test_the_ready_line_describes_the_sandbox(tmp_path: Path, state: Path, estate: Path) -> None:
    other = write_estate(tmp_path / "other.jsonl", e.other_estate())
    bare = write_estate(tmp_path / "bare.jsonl", [{"graph": "users", "value": []}])
    with running(state, estate, other, bare) as sandbox:
        ready = sandbox.ready
    assert ready["url"].startswith("https://localhost:")
    assert Path(ready["ca"]) == (state / "sandbox" / "ca.pem").resolve()
    assert ready["subscriptions"] == sorted([e.PROD, e.TEST, e.CLOSED, e.FOREIGN])
    first, second, third = ready["directories"]
    assert [first["tenantId"], second["tenantId"]] == [e.TENANT, e.OTHER_TENANT]
    assert {c["clientId"]: (c["secret"], c["subscriptions"], c["madeUp"]) for c in first["clients"]} == {
        e.ALL: ("s3cret", sorted([e.PROD, e.TEST, e.CLOSED]), False),
        e.PART: ("s4cret", [e.TEST], False),
        e.CERTIFIED: (None, [e.PROD], False),
        e.EXPIRED: (None, [e.PROD], False),
        e.OUTDATED: ("s5cret", sorted([e.PROD, e.TEST, e.CLOSED]), False),
    }
    assert [(c["madeUp"], c["subscriptions"]) for c in second["clients"]] == [(True, [e.FOREIGN])]
    with running(state, bare) as again:
        assert again.ready["directories"] == [third], "what is made up stays the same"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_the_server(state: Path, estate: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        command("serve", estate, "--port", "0", "--state", state),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        json.loads(process.stdout.readline())
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stdout.read() == "", "one line only"
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve"], "ESTATE"),
        (["serve", "{estate}", "--port", "70000"], "port from 0 to 65535"),
        (["serve", "{estate}", "--page-size", "0"], "1 or more"),
        (["serve", "{estate}", "--latency-ms", "-1"], "0 or more"),
        (["serve", "{estate}", "--fault", "500"], "KIND=RATE"),
        (["serve", "{estate}", "--state", "{estate}"], "could not start the server"),
        (["serve", "nowhere.jsonl"], "nowhere.jsonl: could not open"),
        (["fly"], "unknown command 'fly'"),
        ([], "no command given"),
    ],
)
def test_invalid_arguments_exit_with_status_2(
    estate: Path, arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Run the command in this process: `run` starts a new one, which would take a hundred times as long."""
    status: str | int | None
    try:
        status = main([argument.format(estate=estate) for argument in arguments])
    except SystemExit as end:
        status = end.code
    written = capfd.readouterr()
    assert (status, written.out) == (2, "")
    assert message in written.err


def test_invalid_line_exits_with_status_2(tmp_path: Path, estate: Path, state: Path) -> None:
    with estate.open("a") as file:
        file.write('{"id": "/subscriptions/x"}\n')
    done = run("serve", estate, "--port", "0", "--state", state)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"{estate}:{len(e.main_estate()) + 1}: id: the subscription: expected a GUID"
    )


def test_a_port_in_use_exits_with_status_2(state: Path, estate: Path) -> None:
    with running(state, estate) as sandbox:
        done = run("serve", estate, "--port", sandbox.url.rpartition(":")[2], "--state", state)
    assert done.returncode == 2
    assert "could not start the server" in done.stderr
    assert done.stderr.endswith("Choose another port with --port.\n")


def test_the_ca_is_created_once_and_passes_strict_verification(tmp_path: Path) -> None:
    _, path = server_context(tmp_path)
    first = path.read_bytes()
    leaf = (tmp_path / "sandbox" / "server.pem").read_bytes()
    assert server_context(tmp_path)[1].read_bytes() == first
    assert (tmp_path / "sandbox" / "server.pem").read_bytes() == leaf
    assert stat.S_IMODE((tmp_path / "sandbox" / "ca.key").stat().st_mode) == 0o600
    ca = x509.load_pem_x509_certificate(first)
    assert ca.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    assert ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    names = (
        x509.load_pem_x509_certificate(leaf)
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    assert {"localhost", "management.azure.com", "login.microsoftonline.com", "graph.microsoft.com"} == set(
        names.get_values_for_type(x509.DNSName)
    )
    assert {str(a) for a in names.get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "::1"}


def test_a_new_ca_issues_a_new_certificate(tmp_path: Path) -> None:
    server_context(tmp_path)
    leaf = tmp_path / "sandbox" / "server.pem"
    before = leaf.read_bytes()
    (tmp_path / "sandbox" / "ca.pem").unlink()
    server_context(tmp_path)
    assert leaf.read_bytes() != before


HOSTS = ("localhost", "127.0.0.1", "management.azure.com", "graph.microsoft.com")


def test_the_certificate_is_valid_for_azure_host_names(state: Path, estate: Path) -> None:
    with running(state, estate) as sandbox:
        context = ssl.create_default_context(cafile=sandbox.ca)
        address = ("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
        refused = []
        for name in (*HOSTS, "example.org"):
            with socket.create_connection(address, timeout=5) as plain:
                try:
                    with context.wrap_socket(plain, server_hostname=name) as secured:
                        assert secured.getpeercert()
                except ssl.SSLCertVerificationError:
                    refused.append(name)
    assert refused == ["example.org"]


def test_changed_estates_are_served_after_a_reload(tmp_path: Path, state: Path, estate: Path) -> None:
    before = estate.read_text(encoding="utf-8")
    with running(state, estate) as sandbox:

        def names() -> set[str]:
            path = f"/subscriptions/{e.PROD}/providers/Microsoft.Storage/storageAccounts"
            answer = sandbox.get(path, e.TENANT)
            assert answer.status_code == 200
            return {item["name"] for item in answer.json()["value"]}

        was = names()
        assert was
        added = {
            "id": f"/subscriptions/{e.PROD}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/later",
            "name": "later",
            "type": "Microsoft.Storage/storageAccounts",
            "location": "westeurope",
        }
        estate.write_text(before + json.dumps(added) + "\n", encoding="utf-8")
        assert names() == was, "only when it is asked for"
        assert sandbox.http.post(f"{sandbox.url}/_sandbox/reload").status_code == 204
        assert names() == was | {"later"}, "with the token that was issued before"
        estate.write_text(before + "{not a line\n", encoding="utf-8")
        answer = sandbox.http.post(f"{sandbox.url}/_sandbox/reload")
        assert answer.status_code == 409
        assert estate.name in answer.json()["error"]
        assert names() == was | {"later"}, "an unusable file changes nothing"
