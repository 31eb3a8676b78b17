"""Settings for different environment variables, each read in a new process."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from portal.settings.env import BASE_DIR
from tests.fresh import MANAGE, run_fresh
from tests.portal.settings.read_settings import URLS, read, run


@pytest.mark.slow(seconds=1)
def test_the_secret_key_is_generated_once_with_private_permissions(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = read(home, "SECRET_KEY")["SECRET_KEY"]
    assert len(first) >= 50
    assert read(home, "SECRET_KEY")["SECRET_KEY"] == first
    assert stat.S_IMODE((home / "secret-key").stat().st_mode) == 0o600
    assert read(tmp_path / "other", "SECRET_KEY")["SECRET_KEY"] != first


def test_a_configured_secret_key_is_used_and_no_file_is_written(tmp_path: Path) -> None:
    key = "k" * 60
    assert read(tmp_path, "SECRET_KEY", SURETY_SECRET_KEY=key)["SECRET_KEY"] == key
    assert not (tmp_path / "secret-key").exists()


def test_embedded_databases_use_two_roles_on_a_socket(tmp_path: Path) -> None:
    databases = read(tmp_path / "home", "DATABASES")["DATABASES"]
    assert databases["default"]["USER"] == "surety_app"
    assert databases["owner"]["USER"] == "surety_owner"
    assert databases["default"]["PASSWORD"] != databases["owner"]["PASSWORD"]
    assert databases["default"]["HOST"].startswith("/")
    assert databases["owner"]["ENGINE"] == "portal.owner_db"


def test_configured_servers_are_used_with_all_parts_of_their_addresses(tmp_path: Path) -> None:
    values = read(tmp_path, "DATABASES", "CACHES", "CELERY_BROKER_URL", **URLS)
    default = values["DATABASES"]["default"]
    assert {key: default[key] for key in ("HOST", "PORT", "USER", "PASSWORD", "NAME")} == {
        "HOST": "db.example",
        "PORT": "6432",
        "USER": "app",
        "PASSWORD": "p@ss",
        "NAME": "surety",
    }
    assert default["OPTIONS"]["sslmode"] == "verify-full"
    assert values["DATABASES"]["owner"]["USER"] == "owner"
    assert values["CELERY_BROKER_URL"] == values["CACHES"]["default"]["LOCATION"] == URLS["BROKER_URL"]
    assert not (tmp_path / "servers.json").exists()


def test_without_the_owners_address_both_connections_use_the_restricted_role(tmp_path: Path) -> None:
    urls = {name: url for name, url in URLS.items() if name != "DATABASE_OWNER_URL"}
    assert read(tmp_path, "DATABASES", **urls)["DATABASES"]["owner"]["USER"] == "app"


@pytest.mark.parametrize(
    ("url", "secure", "hsts", "name"),
    [
        ("https://surety.example.com", True, 31536000, "__Host-session"),
        ("http://surety.example.com", True, 0, "__Host-session"),
        ("http://127.0.0.1:8123", False, 0, "surety-session-8123"),
        ("http://localhost:8000", False, 0, "surety-session"),
    ],
)
def test_cookies_and_hsts_follow_the_address(
    tmp_path: Path, url: str, secure: bool, hsts: int, name: str
) -> None:
    values = read(
        tmp_path,
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_HSTS_SECONDS",
        "SESSION_COOKIE_NAME",
        "SECURE_SSL_REDIRECT",
        "ALLOWED_HOSTS",
        "DEBUG",
        SURETY_URL=url,
    )
    assert values["SESSION_COOKIE_SECURE"] is values["CSRF_COOKIE_SECURE"] is secure
    assert values["SECURE_HSTS_SECONDS"] == hsts
    assert values["SECURE_SSL_REDIRECT"] is url.startswith("https")
    assert values["SESSION_COOKIE_NAME"] == name
    assert values["DEBUG"] is False
    assert "*" not in values["ALLOWED_HOSTS"]


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"SURETY_URL": "surety.example.com"}, "is not the URL of a site"),
        ({"SURETY_URL": "http://127.0.0.1:80000"}, "is not the URL of a site"),
        ({"SURETY_URL": "http://127.0.0.1:8o00"}, "is not the URL of a site"),
        ({"SURETY_URL": "http://[::1"}, "is not the URL of a site"),
        ({"SURETY_URL": "https://surety.example.com?a=1"}, "is not the URL of a site"),
        ({"SURETY_URL": "https://ada:word@surety.example.com"}, "is not the URL of a site"),
        (
            {"SURETY_HOSTS": "10.0.0.1,https://surety.example.com"},
            "'https://surety.example.com', which is not a host",
        ),
        ({"SURETY_HOSTS": "surety.example.com:8443"}, "is not a host name"),
        ({"SURETY_HOSTS": "*"}, "is not a host name"),
        (
            {"SURETY_SMTP_HOST": "smtp://mail.example.com"},
            "SURETY_SMTP_HOST='smtp://mail.example.com' is not",
        ),
        ({"SURETY_SMTP_HOST": "mail.example.com:25"}, "set SURETY_SMTP_PORT to the port"),
        ({"SURETY_SMTP_PORT": "65536"}, "Set SURETY_SMTP_PORT to 65535 or less"),
        ({"SURETY_MAIL_FROM": "surety"}, "SURETY_MAIL_FROM='surety' is not an email address"),
        ({"SURETY_ANCHOR_MAIL": "heads@"}, "SURETY_ANCHOR_MAIL='heads@' is not an email address"),
        (
            {"SURETY_OIDC_DIRECTORIES": "contoso.example"},
            "'contoso.example', which is not the ID of a directory",
        ),
        (
            {"SURETY_WEBHOOK_HOSTS": "https://hooks.example.com/x"},
            "SURETY_WEBHOOK_HOSTS contains 'https://hooks",
        ),
        ({"SURETY_SSO_DOMAIN_OWNERS": "@contoso.com=contoso"}, "'@contoso.com', which is not a domain"),
        ({"SURETY_SCAN_FOLDER": "scans"}, "a path that begins with /"),
        ({"CACHE_URL": "valkey.example:6379"}, "CACHE_URL is not a redis://, rediss:// or unix:// address"),
        (
            {"SURETY_LOG_LEVEL": "loud"},
            "'loud' is not a possible value of SURETY_LOG_LEVEL. Set SURETY_LOG_LEVEL to one of CRITICAL",
        ),
        ({"SURETY_DEBUG": "maybe"}, "neither yes nor no"),
        ({"SURETY_DEBUG": "1", "SURETY_URL": "https://surety.example.com"}, "Unset SURETY_DEBUG"),
        ({"SURETY_SECRET_KEY": "short"}, "at least 50"),
        ({"DATABASE_URL": "mysql://x/y", "BROKER_URL": "redis://x"}, "DATABASE_URL is not a valid address"),
        ({"DATABASE_URL": "postgresql://db.example"}, "no role, no database or no valid host"),
        ({"DATABASE_URL": "postgresql://app:p@ss@h/d"}, "no role, no database or no valid host"),
        ({"DATABASE_OWNER_URL": "postgresql://o:x@h/d"}, "Set both variables, or neither"),
        ({"BROKER_URL": "amqp://x"}, "BROKER_URL is not a redis:// or rediss:// address"),
        ({"BROKER_URL": "redis://x:70000"}, "BROKER_URL is not a valid address"),
        ({"BROKER_URL": "redis+socket:///run/valkey.sock"}, "Set CACHE_URL"),
        ({"SURETY_REDELIVERY_SECONDS": "ten"}, "not a whole number"),
        ({"SURETY_REDELIVERY_SECONDS": "1"}, "Set SURETY_REDELIVERY_SECONDS to 5 or more"),
        (
            {"SURETY_SSO_DOMAIN_OWNERS": "contoso.com"},
            "SURETY_SSO_DOMAIN_OWNERS contains 'contoso.com', which is not a pair",
        ),
        (
            {"SURETY_SSO_DOMAIN_OWNERS": "a.com=a,a.com=b"},
            "'a.com=b', which is not a pair of a key and a value, or repeats a key",
        ),
        (
            {"SURETY_OIDC_ISSUER": "https://login.example"},
            "SURETY_OIDC_CLIENT_ID and SURETY_OIDC_CLIENT_SECRET",
        ),
    ],
)
def test_an_invalid_variable_is_refused_by_name(
    tmp_path: Path, environment: dict[str, str], message: str
) -> None:
    done = run(tmp_path / "home", ["DEBUG"], **environment)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert message in done.stderr


@pytest.mark.parametrize(
    ("variable", "password"),
    [
        *(
            (variable, password)
            for variable in ("BROKER_URL", "CACHE_URL")
            for password in ("Ab/Cd", "Ab#Cd", "12?Cd")
        ),
        *(("DATABASE_URL", password) for password in ("Ab/Cd", "Ab#Cd%zz", "x/y?Ab=Cd")),
    ],
)
def test_a_password_that_is_not_encoded_is_refused_and_not_shown(
    tmp_path: Path, variable: str, password: str
) -> None:
    addresses = {
        "BROKER_URL": "redis://h/0",
        "CACHE_URL": "redis://h/1",
        "DATABASE_URL": "postgresql://a:b@h/d",
    }
    scheme = addresses[variable].partition(":")[0]
    addresses[variable] = f"{scheme}://surety:{password}@server.example/d"
    done = run(tmp_path / "home", ["DEBUG"], **addresses)
    assert done.returncode != 0
    assert f"ImproperlyConfigured: {variable} " in done.stderr
    assert "percent-encoding, such as %2F for /" in done.stderr
    for part in ("Ab", "Cd", "12?"):
        assert part not in done.stderr


def test_passwords_and_hosts_of_servers_may_have_each_usual_form(tmp_path: Path) -> None:
    for address in (
        "rediss://surety:Ab%2FCd%23@server.example:6380/1?ssl_ca_certs=/etc/ca.pem", "redis://[fd00::1]:6379",
        "redis://:p@ss@server.example", "redis://server.example",
    ):  # fmt: skip
        values = read(tmp_path / "home", "CELERY_BROKER_URL", BROKER_URL=address, CACHE_URL=address)
        assert values["CELERY_BROKER_URL"] == address


def test_hosts_and_senders_may_have_each_usual_form(tmp_path: Path) -> None:
    values = read(
        tmp_path / "home",
        "ALLOWED_HOSTS",
        "DEFAULT_FROM_EMAIL",
        SURETY_URL="https://surety.example.com",
        SURETY_HOSTS="10.0.0.1, [fd00::7], .example.net",
        SURETY_MAIL_FROM="Surety <surety@localhost>",
        SURETY_SMTP_HOST="fd00::25",
    )
    assert values["ALLOWED_HOSTS"] == [".example.net", "10.0.0.1", "[fd00::7]", "surety.example.com"]
    assert values["DEFAULT_FROM_EMAIL"] == "Surety <surety@localhost>"


def test_posts_are_deleted_after_the_configured_days(tmp_path: Path) -> None:
    assert read(tmp_path, "SURETY_POST_DAYS", SURETY_POST_DAYS="14") == {"SURETY_POST_DAYS": 14}


def test_a_state_directory_without_room_for_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "static").write_text("no folder")
    done = run_fresh(MANAGE, ["services", "status"], {"SURETY_HOME": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.startswith(f"Could not create the folder {tmp_path / 'static'} (File exists).")


def test_secrets_can_come_from_files(tmp_path: Path) -> None:
    secret, database = tmp_path / "secret", tmp_path / "database"
    secret.write_text("k" * 60 + "\n")
    database.write_text("postgresql://app:word@db.example/surety\n")
    values = read(
        tmp_path / "home",
        "SECRET_KEY",
        "DATABASES",
        SURETY_SECRET_KEY_FILE=str(secret),
        DATABASE_URL_FILE=str(database),
        BROKER_URL="redis://broker.example/0",
        CACHE_URL="redis://cache.example/0",
    )
    assert values["SECRET_KEY"] == "k" * 60
    assert values["DATABASES"]["default"]["PASSWORD"] == "word"
    assert not (tmp_path / "home" / "secret-key").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"SURETY_SECRET_KEY": "x" * 60}, "Set SURETY_SECRET_KEY or SURETY_SECRET_KEY_FILE, not both."),
        ({}, "SURETY_SECRET_KEY_FILE: /nowhere/secret cannot be read"),
    ],
)
def test_file_of_a_secret_is_not_ignored(tmp_path: Path, more: dict[str, str], message: str) -> None:
    done = run(tmp_path / "home", ["DEBUG"], SURETY_SECRET_KEY_FILE="/nowhere/secret", **more)
    assert done.returncode != 0
    assert message in done.stderr


def test_empty_file_of_an_address_starts_no_embedded_server(tmp_path: Path) -> None:
    (file := tmp_path / "database").write_text("\n")
    done = run(tmp_path / "home", ["DATABASES"], DATABASE_URL_FILE=str(file))
    assert done.returncode != 0
    assert f"DATABASE_URL_FILE: {file} is empty." in done.stderr


@pytest.mark.parametrize("path", ["", "  "])
def test_blank_path_of_a_secret_is_not_ignored(tmp_path: Path, path: str) -> None:
    """If a variable of the deployment expands to nothing, Surety must not start with a new database or key."""
    done = run(tmp_path / "home", ["DATABASES"], DATABASE_URL_FILE=path)
    assert done.returncode != 0
    assert (
        "DATABASE_URL_FILE is empty. Set DATABASE_URL_FILE to the path of a file, or remove the variable."
        in done.stderr
    )


def test_openid_connect_is_enabled_by_its_variables(tmp_path: Path) -> None:
    assert read(tmp_path, "SOCIALACCOUNT_PROVIDERS")["SOCIALACCOUNT_PROVIDERS"] == {}
    values = read(
        tmp_path,
        "SOCIALACCOUNT_PROVIDERS",
        SURETY_OIDC_ISSUER="https://login.example/v2.0",
        SURETY_OIDC_CLIENT_ID="id",
        SURETY_OIDC_CLIENT_SECRET="x",
    )
    [app] = values["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]
    assert app["settings"]["server_url"] == "https://login.example/v2.0"


def test_the_content_security_policy_allows_no_inline_code(tmp_path: Path) -> None:
    policy = read(tmp_path, "SECURE_CSP")["SECURE_CSP"]
    assert policy["default-src"] == ["'none'"]
    allowed = {source for sources in policy.values() for source in sources}
    assert not {source for source in allowed if "unsafe" in source or source in ("*", "http:", "https:")}


@pytest.mark.slow(seconds=2)
def test_logs_of_a_terminal_show_no_values_of_variables(tmp_path: Path) -> None:
    program = (
        "import django; django.setup(); import structlog\n"
        "def sign_in(credential): raise ValueError('broken')\n"
        "try: sign_in('s3' + 'cr3t')\n"
        "except ValueError: structlog.get_logger('x').exception('hello')\n"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "portal.settings", "SURETY_HOME": str(tmp_path / "h")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=BASE_DIR,
        env={**os.environ, **environment, "SURETY_LOG_CONSOLE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "ValueError: broken" in done.stderr
    assert "s3cr3t" not in done.stderr


@pytest.mark.slow(seconds=2)
def test_logs_hide_fields_with_names_of_secrets_and_tokens_anywhere(tmp_path: Path) -> None:
    needle = "NEEDLE" * 6
    program = (
        "import django; django.setup(); import structlog, logging\n"
        "structlog.get_logger('x').warning('hello', client_secret='s3cr3t', tenant='contoso')\n"
        "logging.getLogger('y').warning('plain', extra={'access_token': 's3cr3t', 'unit': 7})\n"
        f"structlog.get_logger('x').warning('a', client='surety_ocs_{needle}', beginning='surety_oat_abcd')\n"
        f"logging.getLogger('y').warning('of %s', 'surety_pat_{needle}', extra={{'inside': ['surety_oat_{needle}']}})\n"
        "try:\n"
        f"    raise ValueError('surety_ocs_{needle}')\n"
        "except ValueError:\n"
        "    logging.getLogger('y').exception('failed')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "SURETY_HOME": str(tmp_path / "h")},
        capture_output=True,
        text=True,
        check=True,
    )
    first, second, third, fourth, fifth = (json.loads(line) for line in done.stderr.splitlines()[-5:])
    assert (first["client_secret"], first["tenant"], first["event"]) == ("[hidden]", "contoso", "hello")
    assert (second["access_token"], second["unit"], second["event"]) == ("[hidden]", 7, "plain")
    assert needle not in done.stderr
    assert (third["client"], third["beginning"]) == ("surety_ocs_NEED[hidden]", "surety_oat_abcd")
    assert (fourth["event"], fourth["inside"]) == ("of surety_pat_NEED[hidden]", ["surety_oat_NEED[hidden]"])
    assert "ValueError: surety_ocs_NEED[hidden]" in fifth["exception"]


@pytest.mark.slow(seconds=2)
def test_after_collectstatic_files_have_hashed_names(tmp_path: Path) -> None:
    """The first run of `collectstatic` already writes the list of hashed names that servers read at their start."""
    environment = {"SURETY_HOME": str(tmp_path)}
    done = run_fresh(MANAGE, ["collectstatic", "--noinput"], environment)
    assert done.returncode == 0, done.stderr
    names = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    assert re.fullmatch(r"surety/base\.[0-9a-f]{12}\.css", names["surety/base.css"])
    storages = read(tmp_path, "STORAGES", **URLS)["STORAGES"]
    assert storages["staticfiles"]["BACKEND"] == "whitenoise.storage.CompressedManifestStaticFilesStorage"
