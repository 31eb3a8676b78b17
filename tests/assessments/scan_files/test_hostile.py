"""Files that attack the reader, or are damaged, are refused as a whole, with a message that says what to do."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime

import pytest

from assessments.scan_files import defender, facts, opened, tables, xml_records
from assessments.scan_files.read import read_scan
from tenants.errors import InvalidInput
from tests.assessments.scan_files import examples
from tests.processor_time import at_most

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def refusal(content: bytes) -> str:
    with pytest.raises(InvalidInput) as error:
        read_scan(content, now=NOW, scanned_at=NOW)
    assert error.value.fields == {"file": [error.value.message]}
    return error.value.message


def with_doctype(doctype: str, text: str = "x") -> bytes:
    report = examples.NESSUS.decode().partition("?>")[2].replace("Old TLS library", text)
    return f"<?xml version='1.0'?>\n{doctype}{report}".encode()


def laughs() -> str:
    names = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE NessusClientData_v2 [<!ENTITY l0 "lol">{names}]>'


@pytest.mark.parametrize(
    ("doctype", "text"),
    [
        ('<!DOCTYPE r [<!ENTITY e "text">]>', "&e;"),
        ('<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "&e;"),
        ('<!DOCTYPE r [<!ENTITY e SYSTEM "http://localhost:1/x">]>', "&e;"),
        ('<!DOCTYPE r [<!ENTITY % e SYSTEM "file:///etc/passwd"> %e;]>', "x"),
        ('<!DOCTYPE r [<!ENTITY unused "text">]>', "x"),
    ],
)
def test_declared_entities(doctype: str, text: str) -> None:
    assert "declares XML entities" in refusal(with_doctype(doctype, text))


def test_billion_laughs_ends_at_once() -> None:
    with at_most(2):
        assert refusal(with_doctype(laughs(), "&l11;"))


@pytest.mark.parametrize(
    "declarations",
    [
        "".join(f"<!ELEMENT a{n} ANY>" for n in range(400_000)),
        "<!ATTLIST r " + "".join(f'a{n} CDATA "x" ' for n in range(100_000)) + ">",
    ],
    ids=["elements", "attributes"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_long_dtd_ends_at_once(declarations: str, encoding: str) -> None:
    with at_most(2):
        content = f"<!DOCTYPE r [{declarations}]><NessusClientData_v2/>".encode(encoding)
        assert "first 64 KiB" in refusal(content)


def test_long_comments_after_the_last_element_are_accepted() -> None:
    assert len(read_scan(examples.NESSUS + b"<!-- x -->" * 20_000, now=NOW).hosts) == 2


def test_external_dtd_is_not_read() -> None:
    content = with_doctype('<!DOCTYPE r SYSTEM "file:///does/not/exist.dtd">', "Old TLS library")
    assert len(read_scan(content, now=NOW).hosts) == 2


@pytest.mark.parametrize(
    "inner", ["{}", "text{}text", "<HostProperties>{}</HostProperties>", "{}<HostProperties/>", "<a/>{}<b/>"]
)
@pytest.mark.parametrize("place", ["<ReportHost ", "</ReportHost>"])
def test_references_to_entities_do_not_fill_the_memory(
    inner: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            nonlocal read
            piece = super().read(size)
            read += len(piece)
            return piece

    content = with_doctype('<!DOCTYPE r SYSTEM "x.dtd">').replace(
        place.encode(), f"{inner.format('&a;' * 500_000)}{place}".encode(), 1
    )
    monkeypatch.setattr("assessments.scan_files.xml_records.io.BytesIO", Counted)
    assert "refers to XML entities" in refusal(content)
    assert read < 300_000


def test_undeclared_entity_of_an_external_dtd() -> None:
    content = with_doctype('<!DOCTYPE r SYSTEM "file:///does/not/exist.dtd">', "a")
    assert refusal(content.replace(b'pluginName="Ping"/>', b'pluginName="Ping">&gone;</ReportItem></Report>'))


@pytest.mark.parametrize("end", [1, 40, 200, 900, len(examples.NESSUS) - 3])
def test_truncated(end: int) -> None:
    assert refusal(examples.NESSUS[:end])


@pytest.mark.parametrize(
    "content",
    [
        '<?xml version="1.0" encoding="utf-8"?><NessusClientData_v2>ü</NessusClientData_v2>'.encode(
            "latin-1"
        ),
        b'<?xml version="1.0" encoding="martian"?><NessusClientData_v2/>',
        b'<?xml version="1.0" encoding="utf-16"?><NessusClientData_v2/>\xff\xfe\x00',
        b"<NessusClientData_v2>\x00</NessusClientData_v2>",
        b"<NessusClientData_v2/><NessusClientData_v2/>",
    ],
)
def test_wrong_encoding_or_form(content: bytes) -> None:
    assert "Export the" in refusal(content)


@pytest.mark.slow(seconds=1)
def test_gzip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "MAX_UNPACKED", 3 * opened.MIB)
    read = []

    class Counted(gzip.GzipFile):
        def read(self, size: int | None = -1) -> bytes:
            piece = super().read(size)
            read.append(len(piece))
            return piece

    monkeypatch.setattr(gzip, "GzipFile", Counted)
    bomb = gzip.compress(b"<a>" + b" " * 50 * opened.MIB)
    assert "after unpacking" in refusal(bomb)
    assert sum(read) <= 5 * opened.MIB


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (gzip.compress(b"  ", mtime=0), "empty"),
        (gzip.compress(examples.NESSUS, mtime=0)[:200], "damaged"),
        (b"\x1f\x8bnonsense", "damaged"),
        (gzip.compress(gzip.compress(examples.NESSUS, mtime=0), mtime=0), "compressed twice"),
        (b"PK\x03\x04....", "ZIP archive"),
        (b"%PDF-1.7", "PDF"),
        (b"\x00\x01\x02binary\x00", "not a text file"),
        (b"<NessusClientData><Report/></NessusClientData>", "version 2"),
        (b"<nmaprun/>", "no known scanner"),
        (b"<NessusClientData_v2><Report/></NessusClientData_v2>", "no machine"),
        (b"a,b,c\n1,2,3\n", "columns"),
        (b'ip,qid,severity\n"open', "cannot be read"),
        (b'{"value": [', "JSON"),
        (b'{"value": [{"id": 1}]}', "no id"),
        (b'{"value": [], "nextLink": "https://x"}', "last page of the list is missing"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_other_contents(content: bytes, part: str) -> None:
    assert part in refusal(content)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    host = b'<ReportHost name="10.0.0.%d"><HostProperties/>%s</ReportHost>'
    item = b'<ReportItem severity="4" pluginID="%d"/>'
    report = b"<NessusClientData_v2><Report>%s</Report></NessusClientData_v2>"
    for module, name, limit, content, part in (
        (facts, "MAX_HOSTS", 2, b"".join(host % (n, item % 1) for n in range(3)), "machines"),
        (facts, "MAX_RESULTS", 2, host % (1, (item % 1) * 3), "results"),
        (
            facts,
            "MAX_VULNERABILITIES",
            2,
            host % (1, b"".join(item % n for n in range(3))),
            "vulnerabilities",
        ),
        (xml_records, "MAX_RECORD", 10, host % (1, b"<x/>" * 10), "too many elements"),
        (xml_records, "MAX_ELEMENTS", 10, b"<x/>" * 10, "too many elements"),
        (xml_records, "MAX_ATTRIBUTES", 2, b'<x a="" b="" c=""/>', "attributes"),
        (xml_records, "MAX_RECORD", 10, host % (1, b'<x a="" b=""/>' * 4), "attributes"),
        (xml_records, "MAX_DEPTH", 10, b"<x>" * 10 + b"</x>" * 10, "levels"),
        (opened, "MAX_BYTES", 40, b"", "larger than"),
        (opened, "MAX_UNPACKED", 40, b"", "larger than"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, limit)
            assert part in refusal(report % content), name


def test_limits_of_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    assert "rows" in refusal(b"ip,qid,severity\n" + b"10.0.0.1,1,5\n" * 4)
    assert "columns" in refusal(b"ip,qid,severity\n" + b"," * 300)


@pytest.mark.parametrize("line", [b"a" * 8_000_000, b'"' + b'""' * 4_000_000], ids=["text", "quotes"])
def test_a_long_line_of_a_table_is_refused_at_once(line: bytes) -> None:
    """Reading such a line as a whole would block the other threads of the web server."""
    with at_most(0.5):
        assert "A line of the table" in refusal(b"ip,qid,severity\n" + line)


@pytest.mark.parametrize(
    "text", ["a,b\r\nc\r\n", "a\rb\rc", "a\nb\rc\r\n\n\r", "a\r\r\nb", "a\nab\rc", "", "\n", "\r"]
)
def test_lines_are_those_of_the_csv_module(text: str) -> None:
    assert list(tables._lines(text)) == list(io.StringIO(text, newline=""))


def test_json_with_too_many_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defender, "MAX_SIGNS", 10)
    found = refusal(b"[" + b"{}," * 10 + b"{}]")
    assert "too many values. Save the list of each subscription as a file of its own" in found


@pytest.mark.parametrize(
    "content",
    [
        b"[" + (b"1" * 4299 + b",") * 5_000 + b"1]",
        b'{"a": [' + (b"1" * 4299 + b",") * 5_000 + b"1]}",
        b'{"value": [{"id": [' + (b"1" * 4299 + b",") * 5_000 + b"1]}]}",
        b"{" + b",".join(b'"%d": 1' % number for number in range(500_000)) + b"}",
    ],
    ids=["numbers", "member", "entry", "names"],
)
def test_long_values_of_json_are_not_read_at_once(content: bytes) -> None:
    """Reading such a value as a whole would block the other threads of the web server."""
    with at_most(0.5):
        assert "JSON" in refusal(content)


@pytest.mark.parametrize("sign", [r"\u0000", r"\ud800", "x" * 3000])
def test_an_azure_id_that_cannot_be_stored(sign: str) -> None:
    identifier = f"/subscriptions/x/providers/microsoft.compute/virtualmachines/{sign}"
    assert "id of a virtual machine" in refusal(
        f'[{{"id": "{identifier}", "properties": {{"status": {{"code": "Healthy"}}}}}}]'.encode()
    )


def test_one_machine_with_too_many_names() -> None:
    rows = b"".join(b"10.0.0.1,1,5,name%d\n" % n for n in range(facts.MAX_NAMES + 1))
    assert "addresses or names" in refusal(b"ip,qid,severity,netbios\n" + rows)


def test_text_that_would_exhaust_memory_is_limited_by_the_parser() -> None:
    content = examples.NESSUS.replace(b"<cm:compliance>true", b"<cm:compliance>" + b"x" * 11_000_000)
    assert refusal(content)


@pytest.mark.parametrize(("at", "part"), [("4102444800", "future"), ("86400", "1970")])
def test_impossible_times(at: str, part: str) -> None:
    assert part in refusal(examples.NESSUS.replace(b"1793448000", at.encode()))


def test_texts_are_shortened_and_on_one_line() -> None:
    title = "&#10;".join(["A" * 200, "\u202eB" * 200])
    content = examples.NESSUS.replace(b"Old TLS library", title.encode())
    found = read_scan(content, now=NOW).hosts[0].vulnerabilities[0].title
    assert found.isprintable()
    assert len(found) == facts.MAX_TEXT
