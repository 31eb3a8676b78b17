"""Files of every supported format are read into the same facts."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from assessments.scan_files import tables
from assessments.scan_files.facts import ScanFile, Scanner
from assessments.scan_files.read import read_scan
from tenants.errors import InvalidInput
from tests.assessments.scan_files import examples

NOW = datetime(2026, 11, 28, tzinfo=UTC)
SCANNED = datetime(2026, 10, 31, 12, tzinfo=UTC)
STATED = datetime(2026, 10, 1, tzinfo=UTC)
WEB = ("10.0.0.4", "web1.contoso.example")


def read(content: bytes, stated: datetime | None = None) -> ScanFile:
    return read_scan(content, now=NOW, scanned_at=stated)


def found(file: ScanFile, number: int = 0) -> list[tuple[str, str, str]]:
    return [(one.key, one.title, str(one.severity)) for one in file.hosts[number].vulnerabilities]


def test_nessus_merges_results_of_one_plugin_and_counts_information() -> None:
    file = read(examples.NESSUS)
    assert file.scanner is Scanner.NESSUS
    assert found(file) == [("9001", "Old TLS library", "critical"), ("9002", "Weak ciphers", "medium")]
    host, other = file.hosts
    assert (host.addresses, host.names) == (("10.0.0.4",), ("web1.contoso.example", "web1"))
    assert host.scanned_at == datetime.fromtimestamp(1793448000, UTC)
    assert host.vulnerabilities[0].known_since == datetime(2026, 9, 1, tzinfo=UTC)
    assert (host.is_authenticated, other.is_authenticated) == (True, False)
    assert host.counts == {"critical": 1, "medium": 1, "info": 1}
    assert other.scanned_at == datetime(2026, 10, 31, 12, 30, tzinfo=UTC)
    assert (other.vulnerabilities, other.counts) == ((), {})


def test_compliance_checks_of_nessus_are_no_vulnerabilities() -> None:
    """A machine that has only compliance checks was not scanned for vulnerabilities, so it is left out."""
    check = (
        b'<ReportItem severity="3" pluginID="21157" pluginName="Unix Compliance Checks"'
        b' pluginFamily="Policy Compliance"><compliance>true</compliance></ReportItem>'
    )
    content = examples.NESSUS.replace(b"</HostProperties>", b"</HostProperties>" + check)
    file = read(content)
    assert [host.addresses for host in file.hosts] == [("10.0.0.4",)]
    assert found(file) == [("9001", "Old TLS library", "critical"), ("9002", "Weak ciphers", "medium")]
    assert file.notes == ("Left out: 2 results of compliance checks.",)


PING = (
    b'<ReportItem port="0" severity="0" pluginID="10180" pluginName="Ping the remote host"><plugin_output>'
    b"The remote host (10.0.0.9) %s</plugin_output></ReportItem>"
)


@pytest.mark.parametrize(
    ("tags", "items"),
    [
        (b"", b""),
        (b"", PING % b"is considered as dead - not scanning"),
        (b'<tag name="ping_failed">True</tag>', b""),
        (b'<tag name="ping_failed">True</tag>', PING % b"is considered as dead - not scanning"),
    ],
)
def test_machines_that_nessus_did_not_reach_are_left_out(tags: bytes, items: bytes) -> None:
    """The file has no vulnerabilities of such a machine. So the machine would pass if it were not left out."""
    host = (
        b'<ReportHost name="10.0.0.9"><HostProperties><tag name="host-ip">10.0.0.9</tag>%s</HostProperties>%s'
        b"</ReportHost></Report>"
    )
    file = read(examples.NESSUS.replace(b"</Report>", host % (tags, items)))
    assert [host.addresses for host in file.hosts] == [("10.0.0.4",), ("10.0.0.5",)]
    assert file.notes == ("Left out: 1 machines that the scanner did not reach.",)
    reached = read(examples.NESSUS.replace(b"</Report>", host % (b"", PING % b"is up")), STATED)
    assert (len(reached.hosts), reached.notes) == (3, ())


@pytest.mark.parametrize("name", ["Host dead", "dead"])
def test_machines_that_greenbone_did_not_reach_are_left_out(name: str) -> None:
    """Greenbone can also scan machines that it considers dead. Such a machine is kept if the report shows that it was
    scanned.
    """

    def stated(address: str, value: int, *more: str) -> bytes:
        details = "".join(
            f"<detail><name>{one}</name><value>{value}</value></detail>" for one in (name, *more)
        )
        ip = f"<ip>{address}</ip>"
        return examples.GREENBONE.replace(f"<host>{ip}".encode(), f"<host>{ip}{details}".encode())

    file = read(stated("10.0.0.6", 1))
    assert [host.addresses for host in file.hosts] == [("10.0.0.4",)]
    assert "Left out: 1 machines that the scanner did not reach." in file.notes
    for content in (stated("10.0.0.6", 0), stated("10.0.0.6", 1, "Auth-SSH-Success"), stated("10.0.0.4", 1)):
        assert len(read(content).hosts) == 2


def test_greenbone_rates_by_score_and_leaves_false_positives_out() -> None:
    file = read(examples.GREENBONE)
    assert file.scanner is Scanner.GREENBONE
    oid = "1.3.6.1.4.1.25623.1.0."
    assert found(file) == [(f"{oid}1", "Old TLS library", "critical"), (f"{oid}2", "Weak ciphers", "medium")]
    host, other = file.hosts
    assert (*host.addresses, *host.names) == WEB
    assert host.scanned_at == datetime(2026, 10, 31, 11, tzinfo=UTC)
    # A machine without results counts as scanned at the end of the whole scan.
    assert (other.names, other.scanned_at, other.vulnerabilities) == (("db1",), SCANNED, ())
    assert file.notes == ("Left out: 1 results that are false positives, errors or debug messages.",)


def counted(**numbers: int) -> bytes:
    """Return the example of Greenbone with a `result_count` that states these numbers of results by severity.

    The numbers in `full`, which also count the results that the report's filter removed, are larger.
    """
    levels = "".join(
        f"<{name}><full>{number + 5}</full><filtered>{number}</filtered></{name}>"
        for name, number in numbers.items()
    )
    stated = f"<result_count>90<full>90</full><filtered>80</filtered>{levels}</result_count>"
    return examples.GREENBONE.replace(b"</results>", b"</results>" + stated.encode())


def test_one_page_of_a_greenbone_report_is_refused() -> None:
    """If the page were accepted, its machines could pass although their vulnerabilities are on the other pages."""
    others = {"log": 1, "false_positive": 1}
    for whole in (
        {"hole": 1, "warning": 1, "info": 0, **others},
        {"critical": 1, "hole": 0, "high": 0, "warning": 1, "medium": 1, **others},
    ):
        assert len(read(counted(**whole)).hosts) == 2
    with pytest.raises(InvalidInput, match="has only 4 of the 1,205 results") as refused:
        read(counted(critical=1, hole=900, high=900, info=301, low=301, **others, medium=1))
    assert 'ignore_pagination="1"' in refused.value.message


@pytest.mark.parametrize(
    ("details", "signed_in"),
    [
        (["Auth-SSH-Failure"], False),
        (["Auth-SSH-Success"], True),
        (["Auth-SMB-Failure", "Auth-SSH-Success"], True),
        (["Auth-ESXi-Success"], True),
        (["Auth-SNMP-Success", "Auth-SSH-Failure"], False),
        (["Auth-SNMP-Success"], None),
        (["Auth-SNMP-Failure"], False),
        (["best_os_txt"], None),
    ],
)
def test_greenbone_says_whether_the_scanner_signed_in(details: list[str], signed_in: bool | None) -> None:
    stated = "".join(f"<detail><name>{name}</name><value>user scan</value></detail>" for name in details)
    file = read(
        examples.GREENBONE.replace(b"<host><ip>10.0.0.4</ip>", f"<host><ip>10.0.0.4</ip>{stated}".encode())
    )
    assert [host.is_authenticated for host in file.hosts] == [signed_in, None]


def with_status(status: str, content: bytes = examples.GREENBONE) -> bytes:
    text = f'<report id="b"><scan_run_status>{status}</scan_run_status>'
    return content.replace(b'<report id="b">', text.encode())


@pytest.mark.parametrize("status", ["Stopped", "Interrupted", "Running", "Processing"])
def test_machines_that_a_stopped_greenbone_scan_had_not_finished_are_left_out(status: str) -> None:
    """Greenbone states an end even for a stopped scan. If an unfinished machine were not left out, it would pass."""
    file = read(with_status(status))
    assert [host.names for host in file.hosts] == [("web1.contoso.example",)]
    assert "Left out: 1 machines whose scan had not ended." in file.notes
    unfinished = examples.GREENBONE.replace(b"<end>2026-10-31T11:00:00Z</end>", b"<end></end>")
    with pytest.raises(InvalidInput, match="no machine was scanned to the end"):
        read(with_status(status, unfinished))


def test_all_machines_of_a_complete_greenbone_scan_count() -> None:
    assert read(with_status("Done")) == read(examples.GREENBONE)


def test_qualys_hosts_take_titles_and_severities_from_the_glossary() -> None:
    file = read(examples.QUALYS_HOSTS)
    assert file.scanner is Scanner.QUALYS
    # QID 504 is not in the glossary, so its severity is unknown.
    assert found(file) == [("501", "Old TLS library", "critical"), ("504", "QID 504", "unknown")]
    host = file.hosts[0]
    assert (*host.addresses, *host.names) == (*WEB, "web1")
    assert host.scanned_at == SCANNED
    assert host.vulnerabilities[0].known_since == datetime(2026, 9, 1, 8, tzinfo=UTC)
    assert file.notes == ("Left out: 1 vulnerabilities that Qualys reports as fixed.",)


def test_qualys_scan_counts_practices_but_not_information() -> None:
    file = read(examples.QUALYS_SCAN)
    assert found(file) == [("602", "Old TLS library", "high"), ("603", "Maybe", "medium")]
    assert file.hosts[0].scanned_at == SCANNED
    assert file.hosts[0].names == ("web1",)
    assert file.counts == {"high": 1, "medium": 1, "info": 1}


def with_information(qids: str, tracking: str) -> list[bytes]:
    """Return the examples of Qualys, with further entries that are only information on the machine 10.0.0.4."""
    hosts, scan, row = "", "", ""
    for qid in qids.split():
        hosts += f'<VULN_INFO><QID id="qid_{qid}">{qid}</QID><TYPE>Ig</TYPE></VULN_INFO>'
        scan += f'<INFO number="{qid}" severity="1"><TITLE>Sign-in</TITLE></INFO>'
        row += f'"10.0.0.4","web1.contoso.example","{tracking}","{qid}","1","Ig","10/31/2026 12:00:00"\n'
    method = f"<TRACKING_METHOD>{tracking}</TRACKING_METHOD><VULN_INFO_LIST>"
    header = '"IP","DNS","Tracking Method","QID","Severity","Type","Last Detected"\n'
    files = [
        examples.QUALYS_HOSTS.replace(b"<VULN_INFO_LIST>", f"{method}{hosts}".encode()),
        (header + row).encode(),
    ]
    if tracking == "IP":
        files.append(examples.QUALYS_SCAN.replace(b"</CAT></INFOS>", f"{scan}</CAT></INFOS>".encode()))
    return files


@pytest.mark.parametrize(
    ("qids", "tracking", "signed_in"),
    [
        ("105053", "IP", False),
        ("105297", "IP", False),
        ("105015", "IP", False),
        ("105296", "IP", False),
        ("105015 38307", "IP", True),
        ("38307 105015", "IP", True),
        ("105297 70053", "IP", None),
        ("105053 70053 105015", "IP", False),
        ("105053 70028", "IP", False),
        ("70028", "IP", None),
        ("105053", "AGENT", None),
        ("105053", "Cloud Agent", None),
        ("601", "IP", None),
    ],
)
def test_qualys_says_whether_the_scanner_signed_in(qids: str, tracking: str, signed_in: bool | None) -> None:
    for content in with_information(qids, tracking):
        assert [host.is_authenticated for host in read(content).hosts] == [signed_in]


def test_ip360_xml_has_no_severity_and_no_time() -> None:
    with pytest.raises(InvalidInput, match="does not state when") as error:
        read(examples.IP360)
    assert error.value.code == "scan_time_missing"
    assert list(error.value.fields) == ["scanned_at"]
    file = read(examples.IP360, STATED)
    assert file.scanner is Scanner.IP360
    assert found(file) == [("801", "IP360 vulnerability 801", "unknown")]
    assert file.hosts[0].scanned_at == STATED


@pytest.mark.parametrize(
    ("entered", "text"),
    [
        (NOW + timedelta(days=2), "You entered a time on 2026-11-30, which is in the future."),
        (datetime(1999, 12, 31, tzinfo=UTC), "You entered a time in the year 1999, which is too early."),
    ],
)
def test_an_impossible_entered_time_is_not_blamed_on_the_file(entered: datetime, text: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read(examples.IP360, entered)
    assert error.value.fields["scanned_at"] == [f"Enter the time of the scan. {text}"]
    assert read(examples.NESSUS, entered).hosts[0].scanned_at == SCANNED


def test_a_file_with_a_time_in_the_future_is_refused() -> None:
    with pytest.raises(InvalidInput, match="states a scan on 2026-10-31, which is in the future") as error:
        read_scan(examples.NESSUS, now=datetime(2026, 10, 1, tzinfo=UTC))
    assert (error.value.code, list(error.value.fields)) == ("scan_file_unusable", ["file"])


def test_a_stated_time_does_not_replace_the_time_of_the_file() -> None:
    assert read(examples.QUALYS_SCAN, STATED).hosts[0].scanned_at == SCANNED


def test_table_of_qualys_skips_its_preamble_and_machines_that_were_not_scanned() -> None:
    file = read(examples.QUALYS_TABLE)
    assert file.scanner is Scanner.QUALYS
    assert found(file) == [("501", "Old TLS library", "critical")]
    assert [host.addresses for host in file.hosts] == [("10.0.0.4",)]
    assert file.hosts[0].scanned_at == SCANNED
    assert file.notes == (
        "Left out: 1 rows without a scanned machine.",
        "Left out: 1 vulnerabilities that Qualys reports as fixed.",
    )


def test_table_of_ip360_rates_by_cvss_3_then_2() -> None:
    file = read(examples.IP360_TABLE, STATED)
    assert found(file) == [
        ("801", "Old TLS library", "critical"),
        ("802", "Weak ciphers", "medium"),
        ("803", "Unrated", "unknown"),
    ]
    assert file.hosts[0].names == ("web1",)


@pytest.mark.parametrize(
    "content", [examples.DEFENDER, b"[" + examples.DEFENDER + b"]", examples.DEFENDER_TABLE]
)
def test_defender_names_the_machine_by_its_azure_id(content: bytes) -> None:
    file = read(content)
    assert file.scanner is Scanner.DEFENDER
    assert found(file) == [("CVE-2026-1", "Old TLS library", "high")]
    host = file.hosts[0]
    assert host.resource_id.endswith("/virtualmachines/web1")
    assert host.scanned_at is not None
    assert host.scanned_at.replace(microsecond=0) == SCANNED


def test_a_table_of_defender_that_the_explorer_cut_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the table were accepted, machines could pass although their vulnerabilities are in the missing rows."""
    monkeypatch.setattr(tables, "EXPLORER_ROWS", 3)
    header, row = examples.DEFENDER_TABLE.splitlines()
    for rows in (2, 4):
        assert read(b"\n".join([header, *[row] * rows])).hosts
    with pytest.raises(InvalidInput, match="exactly 3 rows"):
        read(b"\n".join([header, *[row] * 3, b""]))


def test_findings_of_defender_on_other_resources_are_noted() -> None:
    assert read(examples.DEFENDER).notes == (
        "Left out: 1 findings of Defender that are not about a virtual machine.",
    )


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(examples.NESSUS, mtime=0),
        b"\xef\xbb\xbf" + examples.NESSUS,
        b"\n  " + examples.NESSUS.partition(b"?>")[2],
        examples.NESSUS.partition(b"?>")[2].decode().encode("utf-16"),
    ],
    ids=["gzip", "byte order mark", "spaces", "utf-16"],
)
def test_the_same_file_in_another_wrapping(content: bytes) -> None:
    assert read(content).hosts == read(examples.NESSUS).hosts


def test_separators_of_tables() -> None:
    for separator in (";", "\t"):
        table = examples.DEFENDER_TABLE.replace(b",", separator.encode())
        assert read(table).hosts == read(examples.DEFENDER_TABLE).hosts
