"""Reading estate files: every kind of line, and the messages for invalid lines."""

import json
from pathlib import Path

import pytest

from sandbox.estate import Answer, Directory, Document, EstateError, GraphObject, parse, read
from tests.for_each import for_each
from tests.sandbox import estates as e

GUID = "10000000-0000-0000-0000-000000000001"
CLIENT = {"clientId": GUID, "secret": "x"}


def directory(**client: object) -> dict[str, object]:
    return {"directory": {"tenantId": GUID, "clients": [{"clientId": GUID, **client}]}}


INVALID_LINES = [
    (b"\xff{}", "not UTF-8 (byte 1)"),
    (b"{", "not JSON"),
    (b'{"id": NaN}', "NaN"),
    (b"[" * 100_000, "nested too deeply"),
    (b"[]", "expected a JSON object, not a list"),
    (b"{}", "exactly one of the keys"),
    (b'{"value": 1}', "found value"),
    (b'{"graph": "users", "value": {}, "answer": {}}', "exactly one"),
    (b'{"id": 5}', "id: expected a non-empty string, not a number"),
    (b'{"id": ""}', "id: expected a non-empty string"),
    (b'{"id": "subscriptions/x"}', "/subscriptions/<guid>"),
    (b'{"id": "/tenants/x"}', "/subscriptions/<guid>"),
    (b'{"id": "/subscriptions/prod"}', "expected a GUID, not 'prod'"),
    (f'{{"id": "/subscriptions/{GUID}//x"}}'.encode(), "empty part"),
    (f'{{"id": "/subscriptions/{GUID}/"}}'.encode(), "empty part"),
    (b'{"graph": "", "value": {}}', "graph: expected a non-empty string"),
    (b'{"graph": "v1.0/users", "value": {}}', "neither version nor query"),
    (b'{"graph": "users?$top=1", "value": {}}', "neither version nor query"),
    (
        b'{"graph": "users"}',
        "value: expected an object or a list of objects, because the line has the key graph",
    ),
    (
        b'{"graph": "users", "value": [1]}',
        "value: expected an object or a list of objects, because the line has the key graph",
    ),
    (b'{"graph": "users", "value": [], "permissions": "A"}', "permissions: expected a list of strings"),
    (b'{"answer": 1}', "answer: expected an object"),
    (b'{"answer": {"path": "/a"}}', "answer.status"),
    (b'{"answer": {"path": "/a", "status": 99}}', "answer.status"),
    (b'{"answer": {"path": "/a", "status": true}}', "answer.status"),
    (b'{"answer": {"path": "a", "status": 200}}', "answer.path"),
    (b'{"answer": {"path": "/a?b", "status": 200}}', "no query"),
    (b'{"answer": {"path": "/a", "status": 200, "times": 0}}', "answer.times"),
    (b'{"answer": {"path": "/a", "status": 200, "times": 1.5}}', "answer.times"),
    (b'{"answer": {"path": "/a", "status": 200, "delay_ms": -1}}', "answer.delay_ms"),
    (b'{"answer": {"path": "/a", "status": 200, "headers": []}}', "answer.headers"),
    (b'{"answer": {"path": "/a", "status": 200, "headers": {"a": "b\\r\\nc: d"}}}', "line break"),
    (b'{"answer": {"path": "/a", "status": 200, "time": 2}}', "unknown key 'time'"),
    (b'{"answer": {"path": "/a", "error": "Nothing"}}', "unknown code 'Nothing'"),
    (b'{"answer": {"path": "/a", "error": 7}}', "answer.error"),
    (
        b'{"answer": {"path": "/a", "error": "DatabaseDoesNotExist", "status": 404}}',
        "either error, or status",
    ),
    (b'{"directory": []}', "directory: expected an object"),
    (b'{"directory": {"tenantId": "x", "clients": []}}', "directory.tenantId: expected a GUID"),
    (b'{"directory": {"clients": []}}', "directory.tenantId"),
    (f'{{"directory": {{"tenantId": "{GUID}"}}}}'.encode(), "directory.clients: expected a list"),
    (json.dumps(directory()).encode(), "clients[0]: expected a secret, a certificate, a federated"),
    (json.dumps(directory(secret="")).encode(), "clients[0].secret"),
    (json.dumps(directory(certificate="nope")).encode(), "not a certificate in PEM"),
    (
        json.dumps(directory(secret="x", subscriptions="*")).encode(),
        "clients[0].subscriptions: expected a list",
    ),
    (json.dumps(directory(secret="x", subscriptions=["prod"])).encode(), "expected a GUID, not 'prod'"),
    (json.dumps(directory(secret="x", graph=[1])).encode(), "clients[0].graph: expected a list of strings"),
    (json.dumps(directory(secret="x", secretExpires="soon")).encode(), "ISO 8601"),
    (json.dumps(directory(secret="x", secretExpires="2024-01-01T00:00:00")).encode(), "time zone"),
]


@for_each(("line", "message"), INVALID_LINES, ids=range(len(INVALID_LINES)))
def test_error_names_file_line_and_reason(tmp_path: Path, line: bytes, message: str) -> None:
    path = tmp_path / "bad.jsonl"
    good = json.dumps(e.subscription(e.PROD, e.TENANT)).encode()
    path.write_bytes(good + b"\n\n" + line + b"\n" + good)
    lines = read(path)
    assert isinstance(next(lines), Document)
    with pytest.raises(EstateError) as caught:
        next(lines)
    assert str(caught.value).startswith(f"{path}:3: ")
    assert message in str(caught.value)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(EstateError, match=r"nowhere\.jsonl: could not open: No such file"):
        next(read(tmp_path / "nowhere.jsonl"))


def test_document_keeps_its_bytes_and_unknown_properties() -> None:
    head = f'{{"id":"/subscriptions/{GUID}/resourceGroups/Rg",'
    raw = head + '"x":{"graph":1},"answer":"é\\ud800","n":1.10}'
    line = parse(raw.encode())
    assert isinstance(line, Document)
    assert line.raw == raw.encode()
    assert line.value["x"] == {"graph": 1}


@pytest.mark.parametrize(
    ("path", "value", "is_list"),
    [("users", [], True), ("/users/", {"id": 1}, False), ("a/b", [{}, {}], True)],
)
def test_graph_lines_are_read(path: str, value: object, is_list: bool) -> None:
    line = parse(json.dumps({"graph": path, "value": value}).encode())
    assert line == GraphObject(path.strip("/"), value, is_list)
    with_permissions = parse(json.dumps({"graph": path, "value": value, "permissions": ["A"]}).encode())
    assert with_permissions == GraphObject(path.strip("/"), value, is_list, ("A",))


def test_an_answer_names_a_documented_error() -> None:
    line = parse(b'{"answer": {"path": "/a", "error": "DatabaseDoesNotExist", "times": 1}}')
    assert isinstance(line, Answer)
    assert (line.status, line.body["error"]["code"], line.times) == (404, "DatabaseDoesNotExist", 1)


def test_an_answer_line_is_read() -> None:
    line = parse(b'{"answer": {"path": "/A", "status": 429, "headers": {"Retry-After": 3}, "times": 2}}')
    assert line == Answer("/A", 429, None, {"Retry-After": "3"}, 2, 0)


def test_a_directory_line_is_read() -> None:
    line = parse(json.dumps(e.main_estate()[0]).encode())
    assert isinstance(line, Directory)
    assert line.tenant_id == e.TENANT
    assert [c.client_id for c in line.clients] == [e.ALL, e.PART, e.CERTIFIED, e.EXPIRED, e.OUTDATED]
    assert line.clients[1].subscriptions == {e.TEST}
    assert line.clients[2].graph == frozenset()
    assert line.clients[4].secret_expires is not None


def test_lines_are_read_one_at_a_time(tmp_path: Path) -> None:
    """The first lines are returned before an invalid last line is read."""
    path = e_path = tmp_path / "long.jsonl"
    document = json.dumps(e.subscription(e.PROD, e.TENANT))
    path.write_text((document + "\n") * 1000 + "broken")
    lines = read(e_path)
    assert sum(1 for _ in zip(range(1000), lines, strict=False)) == 1000
    with pytest.raises(EstateError, match=r":1001: not JSON"):
        next(lines)
