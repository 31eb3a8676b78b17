"""`manage.py check --deploy` accepts the documented settings and names each weakness of other settings."""

from __future__ import annotations

import os
import re
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from portal.deployment_checks import (
    connections_are_encrypted,
    database_is_migrated,
    key_ring_is_valid,
    keys_are_secret,
    measures_are_switched_on,
    signing_level_can_be_reached,
    time_stamp_authorities_are_pinned,
    variables_are_known,
)
from portal.settings.env import BASE_DIR
from portal.settings.names import DOCUMENTED, KNOWN
from tests.fresh import MANAGE, run_fresh

# Names that docs/operations/settings.md shortens, as in “`SURETY_SMTP_HOST`, `_PORT`”:
# {what follows “SURETY_”: the endings}.
SHORTENED = {"SMTP": "PORT USER PASSWORD STARTTLS", "OIDC": "CLIENT_ID CLIENT_SECRET"}


def documented_section() -> str:
    """Return the section “In production” of docs/operations/settings.md."""
    page = (BASE_DIR / "docs" / "operations" / "settings.md").read_text(encoding="utf-8")
    return page.split("## In production", 1)[1].split("\n## ", 1)[0]


OWN_KEYS = {"SURETY_KEYS": b64encode(bytes(range(32))).decode(), "SURETY_SECRET_KEY": "aB3-xY7z" * 10}


def documented_environment() -> dict[str, str]:
    """Return the variables of the section “In production” of docs/operations/settings.md, with other
    keys than the published examples.
    """
    block = documented_section().split("```", 2)[1]
    return dict(re.findall(r"^([A-Z_0-9]+)=(.*)$", block, re.MULTILINE)) | OWN_KEYS


def check_deploy(home: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["check", "--deploy", "--fail-level", "WARNING"]
    return run_fresh(MANAGE, command, {**environment, "SURETY_HOME": str(home)})


@pytest.mark.slow(seconds=3)
def test_the_documented_production_settings_have_no_warning(tmp_path: Path) -> None:
    environment = documented_environment()
    assert {"SURETY_URL", "SURETY_SECRET_KEY", "SURETY_KEYS", "DATABASE_URL", "BROKER_URL"} <= set(
        environment
    )
    done = check_deploy(tmp_path / "home", environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (1 silenced).\n"


def test_the_section_says_that_alarms_of_emergency_access_go_by_mail_only() -> None:
    """The documented settings have no webhook for alarms, and the check does not report its absence."""
    alarm = "SURETY_ALARM_WEBHOOK"
    assert alarm not in documented_environment()
    (paragraph,) = (part for part in documented_section().split("\n\n") if alarm in part)
    text = " ".join(paragraph.split())
    assert "alarms about [emergency access](people.md#break-glass) go by mail only" in text
    assert f"does not report that `{alarm}` is missing" in text


@pytest.mark.slow(seconds=1)
def test_an_invalid_setting_is_one_line_without_a_traceback(tmp_path: Path) -> None:
    stream = {"SURETY_JOURNAL_STREAM": "https://siem.example.com/surety", "SURETY_JOURNAL_SECRET": ""}
    done = check_deploy(tmp_path / "home", {**documented_environment(), **stream})
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("SURETY_JOURNAL_STREAM: A webhook needs a secret")
    assert "Set SURETY_JOURNAL_SECRET" in line


@pytest.mark.slow(seconds=3)
def test_unencrypted_connections_to_other_machines_are_warnings(tmp_path: Path) -> None:
    weak = {
        "SURETY_URL": "http://surety.example.com",
        "DATABASE_URL": "postgresql://surety_app:x@db.example.net/surety?sslmode=require",
        "BROKER_URL": "redis://broker.example.net:6379/0",
        "SURETY_SMTP_STARTTLS": "0",
    }
    done = check_deploy(tmp_path / "home", {**documented_environment(), **weak})
    assert done.returncode == 1
    for number in (1, 2, 3, 4):
        assert f"surety.W00{number}" in done.stderr, done.stderr


@pytest.mark.parametrize("host", ["", "localhost", "127.0.0.1", "/run/postgresql"])
def test_connections_on_the_same_machine_need_no_encryption(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", host)
    with override_settings(
        SURETY_URL="https://surety.example.com",
        CELERY_BROKER_URL="redis://127.0.0.1:6379/0",
        CACHES={"default": {"LOCATION": "redis://localhost:6379/1"}},
        MAILERS={"default": {"OPTIONS": {"host": "localhost", "use_tls": False}}},
    ):
        assert connections_are_encrypted(None) == []


def test_a_database_at_an_address_of_another_machine_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", "localhost")
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", {"hostaddr": "192.0.2.7"})
    with override_settings(SURETY_URL="https://surety.example.com"):
        (problem,) = connections_are_encrypted(None)
    assert problem.id == "surety.W002"


@pytest.mark.parametrize(
    ("host", "variables"),
    [
        ("/run/postgresql,db.example.net", {}),
        ("", {"PGHOST": "db.example.net"}),
        ("localhost", {"PGHOSTADDR": "192.0.2.7"}),
    ],
)
def test_every_host_of_a_database_is_checked(
    host: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", host)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with override_settings(SURETY_URL="https://surety.example.com"):
        found = connections_are_encrypted(None)
    assert {problem.id for problem in found} == {"surety.W002"}


@pytest.mark.parametrize(
    "address", ["redis://cache.example.net/0", "rediss://cache.example.net/0?ssl_cert_reqs=none"]
)
def test_a_cache_of_its_own_is_checked_too(address: str) -> None:
    with override_settings(
        SURETY_URL="https://surety.example.com",
        CELERY_BROKER_URL="rediss://broker.example.net/0",
        CACHES={"default": {"LOCATION": address}},
    ):
        assert [(problem.id, "CACHE_URL" in problem.msg) for problem in connections_are_encrypted(None)] == [
            ("surety.W003", True)
        ]


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("SURETY_JOURNAL_STREAM", "syslog+udp://siem.example.net:514", ["surety.W006"]),
        ("SURETY_JOURNAL_STREAM", "syslog+tcp://siem.example.net", ["surety.W006"]),
        ("SURETY_JOURNAL_STREAM", "http://siem.example.net/journal", ["surety.W006"]),
        ("SURETY_JOURNAL_STREAM", "syslog+tls://siem.example.net", []),
        ("SURETY_JOURNAL_STREAM", "syslog+tcp://127.0.0.1", []),
        ("SURETY_MALWARE_SCANNER", "clamd://scanner.example.net:3310", ["surety.W007"]),
        ("SURETY_MALWARE_SCANNER", "clamd:///run/clamav/clamd.ctl", []),
        ("SURETY_MALWARE_SCANNER", "command:/usr/bin/clamdscan --no-summary -", []),
    ],
)
def test_journals_and_evidence_go_to_other_machines_with_tls_only(
    name: str, value: str, found: list[str]
) -> None:
    with override_settings(SURETY_URL="https://surety.example.com", **{name: value}):
        ids = [problem.id for problem in connections_are_encrypted(None)]
    assert [one for one in ids if one in ("surety.W006", "surety.W007")] == found


@pytest.mark.parametrize("name", ["SURETY_TSA_URL", "SURETY_ANCHOR_WEBHOOK", "SURETY_ALARM_WEBHOOK"])
@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("http://receiver.example.net/path", True),
        ("https://receiver.example.net/path", False),
        ("http://127.0.0.1:8080/path", False),
    ],
)
def test_requests_to_other_machines_need_tls(
    name: str, address: str, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, address)
    with override_settings(SURETY_URL="https://surety.example.com", **{name: address}):
        found = [problem for problem in connections_are_encrypted(None) if problem.id == "surety.W010"]
    assert [name in problem.msg for problem in found] == [True] * warned


@pytest.mark.slow(seconds=19)
@pytest.mark.parametrize(
    ("missing", "number"),
    [
        ({"SURETY_ANCHOR_MAIL": "", "SURETY_ANCHOR_WEBHOOK": ""}, "surety.W011"),
        ({"SURETY_SECOND_FACTOR": "0"}, "surety.W012"),
        ({"SURETY_MALWARE_SCANNER": ""}, "surety.W013"),
        ({"SURETY_SMTP_HOST": ""}, "surety.W015"),
        ({"SURETY_TRUSTED_PROXIES": ""}, "surety.W016"),
        ({"SURETY_MAIL_FROM": "surety@localhost"}, "surety.W017"),
        ({"SURETY_SMTP_HOST": "smtp.office365.com"}, "surety.W018"),
    ],
)
def test_each_measure_that_is_switched_off_is_a_warning(
    missing: dict[str, str], number: str, tmp_path: Path
) -> None:
    done = check_deploy(tmp_path / "home", {**documented_environment(), **missing})
    assert done.returncode == 1
    assert re.findall(r"\((surety\.W\d+)\)", done.stderr) == [number], done.stderr
    assert "mail.E001" not in done.stderr


@pytest.mark.parametrize(
    ("host", "user", "warned"),
    [
        ("smtp.office365.com", "surety@example.com", True),
        ("SMTP.Office365.us", "surety@example.com", True),
        ("smtp.azurecomm.net", "surety@example.com", False),
        ("example-com.mail.protection.outlook.com", "", False),
        ("smtp.office365.com", "", False),
    ],
)
def test_a_password_for_microsoft_365_is_a_warning(host: str, user: str, warned: bool) -> None:
    mailer = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {"host": host, "username": user},
    }
    with override_settings(MAILERS={"default": mailer}, DEFAULT_FROM_EMAIL="surety@example.com"):
        found = [problem.id for problem in measures_are_switched_on(None)]
    assert ("surety.W018" in found) == warned


@pytest.mark.parametrize("anchor", ["SURETY_ANCHOR_MAIL", "SURETY_ANCHOR_WEBHOOK"])
def test_one_receiver_of_heads_is_enough(anchor: str) -> None:
    receivers = {"SURETY_ANCHOR_MAIL": "", "SURETY_ANCHOR_WEBHOOK": "", anchor: "receiver"}
    with override_settings(
        **receivers, SURETY_SECOND_FACTOR=True, SURETY_MALWARE_SCANNER="clamd:///run/clamd"
    ):
        assert measures_are_switched_on(None) == []


@pytest.mark.parametrize(
    ("url", "certificates", "found"),
    [
        ("https://tsa.example.com", "", ["surety.W008"]),
        ("https://tsa.example.com", "/etc/surety/tsa-root.pem", []),
        ("", "", []),
    ],
)
def test_a_time_stamp_authority_needs_pinned_certificates(
    url: str, certificates: str, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURETY_TSA_URL", url)
    monkeypatch.setenv("SURETY_TSA_CERTIFICATES", certificates)
    assert [problem.id for problem in time_stamp_authorities_are_pinned(None)] == found


@pytest.mark.parametrize(
    ("level", "url", "signer", "found"),
    [
        ("", "", "", ""),
        ("B-B", "", "", ""),
        ("b-t", "https://tsa.example.com", "", ""),
        ("B-LTA", "https://tsa.example.com", "/etc/surety/signing.p12", ""),
        ("B-T", "", "", "SURETY_TSA_URL is not set"),
        ("B-LT", "https://tsa.example.com", "", "self-signed certificate"),
        ("", "tsa.example.com", "", "SURETY_TSA_URL is not the address"),
        ("LTV", "https://tsa.example.com", "/etc/surety/signing.p12", "SURETY_SIGNING_LEVEL is LTV"),
    ],
)
def test_the_level_of_signatures_fits_the_other_settings(
    level: str, url: str, signer: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURETY_SIGNING_LEVEL", level)
    monkeypatch.setenv("SURETY_TSA_URL", url)
    monkeypatch.setenv("SURETY_SIGNING_P12", signer)
    problems = signing_level_can_be_reached(None)
    assert [problem.id for problem in problems] == ["surety.E010"] * bool(found)
    assert all(found in problem.msg for problem in problems)


def test_a_broker_without_a_cache_of_its_own_user_prevents_the_start(tmp_path: Path) -> None:
    environment = documented_environment()
    del environment["CACHE_URL"]
    done = check_deploy(tmp_path / "home", environment)
    assert done.returncode == 1
    assert "BROKER_URL is set, but CACHE_URL is not" in done.stderr
    assert "Set CACHE_URL to an address with a user of its own" in done.stderr


def test_misspelled_variables_are_named_with_the_nearest_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SURETY_")]:
        monkeypatch.delenv(name)
    for name in (
        "SURETY_SECOND_FACTORS",
        "SURETY_XYZ",
        "SURETY_SECRET_KEY_FILE",
        "SURETY_KEYS_FILE",
        "SURETY_URL",
    ):
        monkeypatch.setenv(name, "1")
    found = {warning.msg.split()[0]: warning.hint for warning in variables_are_known(None)}
    assert found == {
        "SURETY_SECOND_FACTORS": "Did you mean SURETY_SECOND_FACTOR?",
        "SURETY_XYZ": "docs/operations/settings.md lists all settings.",
    }


def test_every_variable_that_the_code_reads_is_known_and_documented() -> None:
    reads = re.compile(r"""(?:env\.\w+|environ\.get|getenv)\(\s*"(SURETY_[A-Z0-9_]+)""")
    code = {
        name
        for package in ("portal", "tenants", "assessments")
        for path in (BASE_DIR / package).rglob("*.py")
        for name in reads.findall(path.read_text("utf-8"))
    }
    assert len(code) > 40
    assert sorted(code - KNOWN - {"SURETY_BEHIND_PROXY", "SURETY_OIDC_"}) == []
    page = (BASE_DIR / "docs" / "operations" / "settings.md").read_text("utf-8")
    short = {f"SURETY_{group}_{end}" for group, ends in SHORTENED.items() for end in ends.split()}
    assert set(re.findall(r"`(SURETY_[A-Z0-9_]+)`", page)) | short == DOCUMENTED


@pytest.mark.slow(seconds=2)
def test_a_malformed_key_ring_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    key = documented_environment()["SURETY_KEYS"]
    monkeypatch.delenv("SURETY_KEYS_FILE", raising=False)
    monkeypatch.setenv("SURETY_KEYS", key)
    assert key_ring_is_valid(None) == []
    monkeypatch.setenv("SURETY_KEYS", f"{key},short")
    (problem,) = key_ring_is_valid(None)
    assert problem.id == "surety.E014"
    assert problem.msg.startswith("Key 2 in SURETY_KEYS is not 32 bytes in base64.")


def test_the_keys_of_the_documentation_are_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    published = dict(re.findall(r"^(SURETY_(?:SECRET_KEY|KEYS))=(.*)$", documented_section(), re.MULTILINE))
    monkeypatch.delenv("SURETY_KEYS_FILE", raising=False)
    for keys, expected in ((published, ["SURETY_KEYS", "SURETY_SECRET_KEY"]), (OWN_KEYS, [])):
        monkeypatch.setenv("SURETY_KEYS", keys["SURETY_KEYS"])
        with override_settings(SECRET_KEY=keys["SURETY_SECRET_KEY"]):
            found = keys_are_secret(None)
        assert [problem.msg.split()[0] for problem in found] == expected
        assert {problem.id for problem in found} <= {"surety.E015"}
    monkeypatch.setenv("SURETY_KEYS", f"{OWN_KEYS['SURETY_KEYS']}, {published['SURETY_KEYS']}")
    assert [problem.msg.split()[0] for problem in keys_are_secret(None)] == ["SURETY_KEYS"]
    monkeypatch.setenv("SURETY_KEYS", OWN_KEYS["SURETY_KEYS"])
    own, example = OWN_KEYS["SURETY_SECRET_KEY"], published["SURETY_SECRET_KEY"]
    with override_settings(SECRET_KEY=own, SECRET_KEY_FALLBACKS=[own[::-1], example]):
        (problem,) = keys_are_secret(None)
    assert problem.msg.split()[0] == "SURETY_SECRET_KEY_FALLBACKS"


@pytest.mark.django_db
def test_a_database_without_all_migrations_is_an_error() -> None:
    def found() -> list[str]:
        return [
            f"{problem.id} {problem.msg}" for problem in database_is_migrated(None, databases=["default"])
        ]

    assert found() == []
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tickets' AND name = '0002_reading_back'")
        (missing,) = found()
        assert missing.startswith("surety.E016 The database lacks ")
        assert missing.endswith(" tickets.0002_reading_back.")
        cursor.execute("DELETE FROM django_migrations")
    assert found() == ["surety.E016 The database is empty."]
    assert database_is_migrated(None, databases=None) == []
