"""Sealed values: encryption, key ring and rotation; secrets never become visible."""

import base64
import json
import logging
import os
import pickle
import stat
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.forms import model_to_dict, modelform_factory

from tenants import secrets
from tenants.actions import rotate_credential
from tenants.azure import credentials
from tenants.errors import SecretsUnusable
from tenants.models import JournalEntry, ServicePrincipal
from tenants.scope import tenant_scope
from tenants.secrets import KeyRing, Sealed, Secret
from tests import factories

HUSH = "hush~value.nobody-sees"


@pytest.fixture
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A separate key ring for this test."""
    monkeypatch.delenv("SURETY_KEYS", raising=False)
    settings.SURETY_HOME = tmp_path
    return tmp_path


def a_ring(*keys: str) -> KeyRing:
    return secrets.parse(" ".join(keys or (secrets.new_key(),)), "a test")


@pytest.mark.parametrize("plain", ["x", HUSH, "Ünïcode 漢😀", "x" * 100_000, "line\nbreak", ""])
def test_sealed_value_can_be_decrypted(plain: str) -> None:
    ring = a_ring()
    sealed = ring.seal(plain, "place")
    assert ring.unseal(sealed, "place").reveal() == plain
    # Check only longer texts, because random bytes can contain a short text by chance.
    assert len(plain) < 4 or plain.encode() not in bytes(sealed)
    assert ring.seal(plain, "place") != sealed
    assert sealed.key_id == ring.keys[0].id


def test_sealed_value_can_be_decrypted_only_in_its_context() -> None:
    ring = a_ring()
    sealed = ring.seal(HUSH, "tenant-a/principal/1/credential")
    with pytest.raises(SecretsUnusable) as caught:
        ring.unseal(sealed, "tenant-b/principal/1/credential")
    assert caught.value.code == "sealed_tampered"


def test_any_changed_byte_is_detected() -> None:
    ring = a_ring()
    sealed = ring.seal(HUSH, "place")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SecretsUnusable):
            ring.unseal(bytes(changed), "place")


@pytest.mark.parametrize("value", [b"", b"\x01", b"\x02" + b"x" * 60, b"plain text", b"\x01" * 21])
def test_unsealed_value_is_refused(value: bytes) -> None:
    with pytest.raises(SecretsUnusable) as caught:
        a_ring().unseal(value, "place")
    assert caught.value.code == "sealed_malformed"


def test_first_key_encrypts_and_all_keys_decrypt() -> None:
    old, new = secrets.new_key(), secrets.new_key()
    sealed = a_ring(old).seal(HUSH, "place")
    both = a_ring(new, old)
    assert both.unseal(sealed, "place").reveal() == HUSH
    again = both.seal(HUSH, "place")
    assert a_ring(new).unseal(again, "place").reveal() == HUSH
    with pytest.raises(SecretsUnusable, match="not in the key ring") as caught:
        a_ring(new).unseal(sealed, "place")
    assert caught.value.code == "key_missing"
    assert sealed.key_id in caught.value.message


SHORT = base64.b64encode(b"x" * 16).decode()
GOOD = base64.b64encode(b"k" * 32).decode()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "key_malformed"),
        ("nonsense", "key_malformed"),
        (SHORT, "key_malformed"),
        (f"{GOOD} {SHORT}", "key_malformed"),
        (f"{GOOD},{GOOD}", "key_twice"),
        ("é", "key_malformed"),
    ],
)
def test_error_about_a_key_ring_names_the_position_and_shows_no_key(text: str, code: str) -> None:
    with pytest.raises(SecretsUnusable) as caught:
        secrets.parse(text, "SURETY_KEYS")
    assert caught.value.code == code
    assert "SURETY_KEYS" in caught.value.message
    assert GOOD not in str(caught.value)
    assert SHORT not in str(caught.value)


def test_repr_of_the_key_ring_shows_no_key() -> None:
    assert GOOD not in repr(a_ring(GOOD))
    assert "kkkk" not in repr(a_ring(GOOD))


def test_concurrent_processes_create_one_keys_file(home: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = {ring.keys[0].id for ring in pool.map(lambda _: secrets.ring(), range(32))}
    assert len(ids) == 1
    assert stat.S_IMODE((home / "keys").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["keys"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_keys_file_readable_by_others_is_refused(home: Path, mode: int) -> None:
    secrets.ring()
    (home / "keys").chmod(mode)
    with pytest.raises(SecretsUnusable, match="chmod 600"):
        secrets.ring()


def test_environment_overrides_the_keys_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURETY_KEYS", f" {GOOD}\n")
    assert secrets.ring().keys == a_ring(GOOD).keys
    assert not (home / "keys").exists()


def test_key_ring_from_a_file_of_a_vault(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be used must not be replaced by a new key ring, which decrypts nothing."""
    path = home / "from-the-vault"
    monkeypatch.setenv("SURETY_KEYS_FILE", str(path))
    with pytest.raises(SecretsUnusable, match="cannot be read"):
        secrets.ring()
    path.write_text("\n")
    with pytest.raises(SecretsUnusable, match="is empty"):
        secrets.ring()
    for blank in ("", "  "):
        monkeypatch.setenv("SURETY_KEYS_FILE", blank)
        with pytest.raises(SecretsUnusable, match="SURETY_KEYS_FILE is empty"):
            secrets.ring()
    monkeypatch.setenv("SURETY_KEYS_FILE", str(path))
    path.write_text(f"{GOOD}\n")
    assert secrets.ring().keys == a_ring(GOOD).keys
    assert not (home / "keys").exists()
    monkeypatch.setenv("SURETY_KEYS", GOOD)
    with pytest.raises(SecretsUnusable, match="not both"):
        secrets.ring()


def test_secret_is_hidden_in_repr_logs_and_pickles() -> None:
    secret = Secret(HUSH)
    shown = [repr(secret), str(secret), f"{secret}", f"{[secret]}", "{}".format(secret)]  # noqa: UP032
    assert all(HUSH not in text for text in shown)
    assert not hasattr(secret, "__dict__")
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.django_db
def test_credential_is_not_readable_anywhere(caplog: pytest.LogCaptureFixture) -> None:
    principal = factories.service_principal(secret=HUSH)
    with tenant_scope(principal.tenant_id):
        row = ServicePrincipal.objects.get(pk=principal.pk)
        assert isinstance(row.credential, Sealed)
        opened = credentials.credential_of(row)
        logging.getLogger("x").error("%r %s %r %r", row, vars(row), opened, row.credential)
        shown = [
            caplog.text,
            serializers.serialize("json", [row]),
            repr(model_to_dict(row)),
            str([entry.details for entry in JournalEntry.objects.all()]),
        ]
        assert opened.secret.reveal() == HUSH
    sealed = bytes(row.credential)
    for text in shown:
        assert HUSH not in text
        assert base64.b64encode(sealed).decode() not in text
        assert repr(sealed)[2:-1] not in text
    with tenant_scope(principal.tenant_id):
        form = modelform_factory(ServicePrincipal, fields="__all__")
    assert "name" in form.base_fields
    assert "credential" not in form.base_fields


@pytest.mark.django_db
def test_credential_copied_to_another_row_cannot_be_decrypted() -> None:
    mine, foreign = factories.service_principal(), factories.service_principal(secret=HUSH)
    mine.credential = foreign.credential
    with pytest.raises(SecretsUnusable, match="another row"):
        credentials.credential_of(mine)
    foreign.tenant_id = mine.tenant_id
    with pytest.raises(SecretsUnusable, match="another row"):
        secrets.unseal(foreign, "credential")


@pytest.fixture
def principals(home: Path) -> list[ServicePrincipal]:
    """Two principals in one tenant and one in another."""
    first = factories.service_principal(secret=HUSH)
    return [first, factories.service_principal(first.directory), factories.service_principal()]


def keys_in_use(principals: list[ServicePrincipal]) -> set[str]:
    found = set()
    for principal in principals:
        with tenant_scope(principal.tenant_id):
            found.add(ServicePrincipal.objects.get(pk=principal.pk).key_id)
    return found


def rotate(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.django_db
def test_rotation_re_encrypts_everything(home: Path, principals: list[ServicePrincipal]) -> None:
    old = secrets.ring().keys[0].id
    assert keys_in_use(principals) == {old}
    assert "3 re-encrypted, 0 already current, 0 failed" in rotate("--new-key")
    new = secrets.ring().keys[0].id
    assert new != old
    assert keys_in_use(principals) == {new}
    assert "0 re-encrypted, 3 already current, 0 failed" in rotate()
    file = home / "keys"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text(file.read_text().splitlines()[0])  # Remove the old key.
    with tenant_scope(principals[0].tenant_id):
        row = ServicePrincipal.objects.get(pk=principals[0].pk)
        assert credentials.credential_of(row).secret.reveal() == HUSH


@pytest.mark.django_db
def test_rotation_reports_failures_and_continues(home: Path, principals: list[ServicePrincipal]) -> None:
    (home / "keys").unlink()  # If the key file is lost, a new one is created.
    with tenant_scope(principals[2].tenant_id):
        rotate_credential(by=factories.BY, service_principal=principals[2], secret="another~one")
    out = StringIO()
    with pytest.raises(CommandError, match="Keep the old keys"):
        call_command("rotate_keys", stdout=out, stderr=out)
    assert "0 re-encrypted, 1 already current, 2 failed" in out.getvalue()
    assert str(principals[0].pk) in out.getvalue()


@pytest.mark.skipif(os.geteuid() != 0, reason="changes the owner, which only root may")
def test_the_keys_file_keeps_its_owner_if_root_adds_a_key(home: Path) -> None:
    """If root became the owner, the web server and the workers could not read the file any more."""
    secrets.ring()
    os.chown(secrets.keys_file(), 54321, 54322)
    secrets.prepend_key(secrets.keys_file())
    status = secrets.keys_file().stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (54321, 54322, 0o600)
    assert len(secrets.ring().keys) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="changes the owner, which only root may")
def test_root_gives_no_file_of_its_own_to_the_owner_of_the_keys_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner of the keys file replaces it with a link to a file of root. After root has opened the link, the owner
    restores the keys file. Then root writes a new keys file with the text that root has read through the link. This is
    text of root's own file, so the new keys file must belong to root.
    """
    secrets.ring()
    keys, other = secrets.keys_file(), home / "other"
    other.write_text("of root")
    own = keys.rename(home / "own")
    os.chown(own, 54321, 54322)
    keys.symlink_to(other)
    open_path = Path.open

    def exchanged(path: Path, *args: Any, **options: Any) -> Any:
        file = open_path(path, *args, **options)
        if path == keys:
            own.replace(keys)
        return file

    monkeypatch.setattr(Path, "open", exchanged)
    monkeypatch.setattr(secrets, "ring", a_ring)
    secrets.prepend_key(keys)
    assert keys.stat().st_uid == 0


@pytest.mark.django_db
def test_new_key_is_added_only_to_the_keys_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURETY_KEYS", GOOD)
    with pytest.raises(CommandError, match="SURETY_KEYS"):
        rotate("--new-key")
    monkeypatch.setenv("SURETY_KEYS", "nonsense")
    with pytest.raises(CommandError, match="32 bytes"):
        rotate()
