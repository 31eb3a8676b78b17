"""Names that a signer or somebody else chose cannot control the terminal of the person who verifies a file."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.management import call_command

from portal.reports.keys.signing_identity import SigningIdentity, common_name
from portal.reports.offline.bundle import PATH
from portal.reports.signatures.visible import visible
from portal.reports.signing.sign import sign
from tests.portal.reports.authority import TimeStampAuthority, pem
from tests.portal.reports.conftest import small_pdf

# Escape, a line break, a C1 control character (CSI), and a character that changes the direction of writing.
HOSTILE = "\x1b[2J\n\x9b8m\u202e"
SHOWN = "\\x1b[2J\\n\\x9b8m\\u202e"


def hostile_identity() -> SigningIdentity:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Signer{HOSTILE}")])
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1)
    )
    return SigningIdentity(key, made.sign(key, hashes.SHA256()), ())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A valid file and its signer's fingerprint. The path of the file, and the names of its attachment, signer and
    time-stamp authority contain `HOSTILE`.
    """
    folder, identity, out = tmp_path_factory.mktemp("hostile"), hostile_identity(), io.BytesIO()
    authority = TimeStampAuthority(f"Clock{HOSTILE}")
    (folder / "root.pem").write_bytes(pem(authority.root))
    with pikepdf.open(io.BytesIO(small_pdf())) as pdf:
        name = f"Attachment{HOSTILE}"
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, b"1", filename=name)
        pdf.save(out)
    path = folder / f"Path{HOSTILE}.pdf"
    with pytest.MonkeyPatch.context() as patch, authority.serving() as url:
        patch.setenv("SURETY_TSA_URL", url)
        patch.setenv("SURETY_TSA_CERTIFICATES", str(folder / "root.pem"))
        path.write_bytes(sign(out.getvalue(), identity, reason="a test"))
    return path, identity.fingerprint


def offline(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(PATH), *arguments],
        capture_output=True, check=False, env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.stderr == b""
    return done.stdout.decode()


def command(*arguments: str) -> str:
    out = StringIO()
    with contextlib.suppress(SystemExit):
        call_command("verify_report", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("program", [offline, command])
def test_names_are_printed_without_acting(program, hostile: tuple[Path, str]) -> None:
    path, own = hostile
    text = program("--fingerprint", own, str(path))
    for name in ("Path", "Signer", "Clock", "Attachment"):
        assert f"{name}{SHOWN}" in text
    first, *others = text.splitlines()
    assert first.endswith(f"Path{SHOWN}.pdf: valid")
    assert all(line.startswith("  ") for line in others)
    assert not [letter for letter in text if not letter.isprintable() and letter != "\n"]


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("program", [offline, command])
def test_the_name_of_an_unexpected_signer_is_printed_without_acting(
    program, hostile: tuple[Path, str]
) -> None:
    text = program("--fingerprint", "0" * 64, str(hostile[0]))
    assert f"The certificate of the signer “Signer{SHOWN}” (SHA-256 " in text
    assert text.splitlines()[0].endswith(": INVALID")
    assert not [letter for letter in text if not letter.isprintable() and letter != "\n"]


def test_common_names_are_visible_and_short() -> None:
    certificate = hostile_identity().certificate
    assert common_name(certificate) == f"Signer{SHOWN}"
    assert visible("Zürich “ä” 日本") == "Zürich “ä” 日本"
    assert visible("\t\x7f\u200b\U000e0001\udc80") == "\\t\\x7f\\u200b\\U000e0001\\udc80"
