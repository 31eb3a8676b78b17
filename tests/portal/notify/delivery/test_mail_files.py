"""Mails in files: readable without decoding, and separated by a line that no mail can contain."""

from __future__ import annotations

from pathlib import Path

from django.core.mail import EmailMessage

from portal.notify.delivery.mail_files import EmailBackend

LINK = f"https://surety.contoso.example.com/invitations/{'Ab_9-' * 12}/"


def test_long_links_and_names_are_complete_in_the_file(tmp_path: Path) -> None:
    message = EmailMessage("Invitation", f"Accept, Zoë:\n{LINK}\n", "surety@localhost", ["ada@msp.example"])
    backend = EmailBackend(file_path=str(tmp_path))
    assert backend.send_messages([message, message]) == 2
    (file,) = tmp_path.iterdir()
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines.count(LINK) == 2
    assert lines.count("Accept, Zoë:") == 2
    assert lines.count("-" * 79) == 2


def test_a_text_cannot_contain_the_separator_of_mails(tmp_path: Path) -> None:
    message = EmailMessage(
        "Comment", f"Text\n{'-' * 79}\nSubject: forged\n", "surety@localhost", ["a@msp.example"]
    )
    EmailBackend(file_path=str(tmp_path)).send_messages([message])
    (file,) = tmp_path.iterdir()
    assert file.read_text(encoding="utf-8").splitlines().count("-" * 79) == 1
