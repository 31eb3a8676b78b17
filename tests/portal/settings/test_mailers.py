"""Choice of the mailer from environment variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.portal.settings.read_settings import read


def test_without_a_server_mail_is_written_to_the_state_directory(tmp_path: Path) -> None:
    mailer = read(tmp_path, "MAILERS")["MAILERS"]["default"]
    assert mailer["BACKEND"].endswith("mail_files.EmailBackend")
    assert mailer["OPTIONS"] == {"file_path": str(tmp_path / "mail")}


@pytest.mark.parametrize(
    ("environment", "tls", "port"),
    [
        ({"SURETY_SMTP_HOST": "smtp.example.com"}, True, 587),
        ({"SURETY_SMTP_HOST": "127.0.0.1", "SURETY_SMTP_PORT": "25"}, False, 25),
        ({"SURETY_SMTP_HOST": "smtp.lan", "SURETY_SMTP_STARTTLS": "0"}, False, 587),
    ],
    ids=["remote", "loopback", "explicit"],
)
def test_a_mail_server_is_used_with_starttls_unless_it_is_local(
    tmp_path: Path, environment: dict[str, str], tls: bool, port: int
) -> None:
    mailer = read(tmp_path, "MAILERS", **environment)["MAILERS"]["default"]
    assert mailer["BACKEND"].endswith("smtp.EmailBackend")
    assert (mailer["OPTIONS"]["use_tls"], mailer["OPTIONS"]["port"]) == (tls, port)
    assert mailer["OPTIONS"]["host"] == environment["SURETY_SMTP_HOST"]
    assert mailer["OPTIONS"]["timeout"] == 20
