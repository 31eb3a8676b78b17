"""Sealed credentials: values encrypted with AES-256-GCM and a key ring, and bound to the row that holds them.

The key ring is `SURETY_KEYS`, or the content of the file `SURETY_KEYS_FILE`: keys of 32 bytes in base64, separated by
commas or spaces. If neither variable is set, the key ring is the file `keys` in SURETY_HOME (one key per line, mode
0600), created on first use. The first key encrypts; all keys decrypt. To rotate the keys, add a key at the start, run
`manage.py rotate_keys`, then remove the old key.

A sealed value has a version (1 byte, 1), key id (the first 8 bytes of the key's SHA-256), nonce (12 random bytes), and
ciphertext with tag. The associated data names tenant or organization, model, row and field. So a value that is
copied to another row, or whose model is renamed, cannot be decrypted.

Decrypting returns a `Secret`, whose value only `reveal()` shows.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.db import models

from tenants.errors import SecretsUnusable

_VERSION = b"\x01"
_KEY_BYTES = 32
_ID_BYTES = 8
_NONCE_BYTES = 12
_HEADER = 1 + _ID_BYTES + _NONCE_BYTES


class Secret:
    """A secret in memory. Printing and logging hide its value; pickling raises TypeError."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """Return the secret value. Call this only at the place where the value is used."""
        return self.__value

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("A secret cannot be pickled. Pass the id of the row that holds it.")


class Sealed(bytes):
    """A sealed value as stored. The repr is masked, so that the value does not appear in logs."""

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__

    @property
    def key_id(self) -> str:
        """The id in hex of the key that sealed the value."""
        return bytes(self[1 : 1 + _ID_BYTES]).hex()


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    material: bytes

    @property
    def id(self) -> str:
        return hashlib.sha256(self.material).digest()[:_ID_BYTES].hex()

    def __repr__(self) -> str:
        return f"<key {self.id}>"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Encryption keys. The first key encrypts; all keys decrypt."""

    keys: tuple[Key, ...]

    def seal(self, plain: str, context: str) -> Sealed:
        key = self.keys[0]
        nonce = os.urandom(_NONCE_BYTES)
        body = AESGCM(key.material).encrypt(nonce, plain.encode(), context.encode())
        return Sealed(_VERSION + bytes.fromhex(key.id) + nonce + body)

    def unseal(self, sealed: bytes, context: str) -> Secret:
        sealed = Sealed(sealed)
        if len(sealed) <= _HEADER or sealed[:1] != _VERSION:
            raise SecretsUnusable(
                "The stored value is not a sealed credential. Enter the credential again.",
                code="sealed_malformed",
            )
        key = next((key for key in self.keys if key.id == sealed.key_id), None)
        if key is None:
            raise SecretsUnusable(
                f"The key {sealed.key_id}, which sealed this value, is not in the key ring. Add this key to"
                " SURETY_KEYS or the keys file again, or enter the credential again.",
                code="key_missing",
            )
        try:
            plain = AESGCM(key.material).decrypt(
                sealed[1 + _ID_BYTES : _HEADER], sealed[_HEADER:], context.encode()
            )
        except InvalidTag:
            raise SecretsUnusable(
                "The sealed value was changed, or it belongs to another row. Enter the credential again.",
                code="sealed_tampered",
            ) from None
        return Secret(plain.decode())


def new_key() -> str:
    """Return a new random key in base64."""
    return base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def keys_file() -> Path:
    """Return the path of the keys file, which is used if neither SURETY_KEYS nor SURETY_KEYS_FILE is set."""
    home = getattr(settings, "SURETY_HOME", None) or os.environ.get("SURETY_HOME") or ".surety"
    return Path(home) / "keys"


def parse(text: str, source: str) -> KeyRing:
    """Return the key ring that `text` contains. For an invalid key, raise SecretsUnusable with `source` and the
    position of the key.
    """
    keys: list[Key] = []
    for place, word in enumerate(re.split(r"[\s,]+", text.strip()), start=1):
        try:
            material = base64.b64decode(word, validate=True)
        except (binascii.Error, ValueError):
            material = b""
        if len(material) != _KEY_BYTES:
            raise SecretsUnusable(
                f"Key {place} in {source} is not 32 bytes in base64. Create a key with: openssl rand -base64 32",
                code="key_malformed",
            )
        keys.append(Key(material))
    if len({key.id for key in keys}) != len(keys):
        raise SecretsUnusable(f"{source} contains a key twice. Remove one of the two.", code="key_twice")
    return KeyRing(tuple(keys))


def from_environment() -> str:
    """Return SURETY_KEYS or the content of SURETY_KEYS_FILE, or an empty string if neither is set."""
    value, given = os.environ.get("SURETY_KEYS", "").strip(), os.environ.get("SURETY_KEYS_FILE")
    if given is None:
        return value
    path = given.strip()
    if not path:
        raise SecretsUnusable(
            "SURETY_KEYS_FILE is empty. Set SURETY_KEYS_FILE to the path of a file, or remove the variable.",
            code="keys_file_without_path",
        )
    if value:
        raise SecretsUnusable("Set either SURETY_KEYS or SURETY_KEYS_FILE, but not both.", code="keys_twice")
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretsUnusable(
            f"SURETY_KEYS_FILE: {path} cannot be read ({error}). Check the path and its permissions.",
            code="keys_file_unreadable",
        ) from None
    if not text:
        # Do not treat an empty file as a missing key ring: Surety would create a new key ring, which cannot decrypt the
        # stored credentials.
        raise SecretsUnusable(
            f"SURETY_KEYS_FILE: {path} is empty. Restore the file from a backup.", code="keys_file_empty"
        )
    return text


def ring() -> KeyRing:
    """Return the key ring from the environment or from the keys file. If there is neither, create the keys file."""
    if text := from_environment():
        return _parsed(text, "SURETY_KEYS")
    path = keys_file()
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        create_keys_file(path)
        mode = path.stat().st_mode
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretsUnusable(
            f"Other users can read {path}. Run: chmod 600 {path}", code="keys_file_permissions"
        )
    return _parsed(path.read_text(), str(path))


@lru_cache(maxsize=4)
def _parsed(text: str, source: str) -> KeyRing:
    return parse(text, source)


def mask_key() -> bytes:
    """Return the key with which evidence masks personal data. The key is derived from the oldest key of the ring, which
    is the last one. So masks change only when the oldest key is removed from the ring.
    """
    return _derived(ring().keys[-1].material)


@lru_cache(maxsize=4)
def _derived(material: bytes) -> bytes:
    return hmac.new(material, b"surety mask of personal data v1", hashlib.sha256).digest()


def create_keys_file(path: Path) -> None:
    """Create the file with one new key. If several processes do this at once, all of them use the file of the first
    process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Write a draft file and then link it to the final name, so that no process reads a half-written key.
    draft = path.with_name(f".keys.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(new_key() + "\n")
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def prepend_key(path: Path) -> Key:
    """Add a new key at the start of the keys file and return it. The old keys still decrypt."""
    if not path.exists():
        create_keys_file(path)
        return ring().keys[0]
    with path.open() as file:
        # Read the keys and the owner of the same open file, because another user could replace the file at this path.
        text, owner = f"{new_key()}\n{file.read()}", os.fstat(file.fileno())
    draft = path.with_name(f".keys.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        if (
            os.geteuid() == 0
        ):  # Set the former owner, so that the web server and the workers can read the new file.
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        file.write(text)
    draft.replace(path)
    return ring().keys[0]


class SealedField(models.BinaryField):  # type: ignore[type-arg]  # generic for the type checker only
    """A column of sealed bytes. The column is never part of forms, and dumpdata writes an empty string for it."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def value_to_string(self, obj: models.Model) -> str:
        return ""


def context_of(instance: models.Model, field: str) -> str:
    """Return the associated data of a sealed field: tenant or organization, model, row and field."""
    owner = getattr(instance, "tenant_id", None) or getattr(instance, "organization_id", None)
    return f"{owner}/{instance._meta.label_lower}/{instance.pk}/{field}"


def seal(instance: models.Model, field: str, plain: str) -> None:
    """Seal `plain` into the field of an instance that already has its id. The caller saves the instance."""
    setattr(instance, field, ring().seal(plain, context_of(instance, field)))


def unseal(instance: models.Model, field: str) -> Secret:
    """Return the secret in a sealed field. Raise SecretsUnusable if the value cannot be decrypted."""
    return ring().unseal(bytes(getattr(instance, field)), context_of(instance, field))


def rotate(instance: models.Model, field: str) -> bool:
    """Re-encrypt the field with the first key; the caller saves the instance.

    Return False if the field was already encrypted with the first key.
    """
    if Sealed(getattr(instance, field)).key_id == ring().keys[0].id:
        return False
    seal(instance, field, unseal(instance, field).reveal())
    return True


def sealed_fields() -> Iterator[tuple[type[models.Model], str]]:
    """Yield every sealed column as (model, field name)."""
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, SealedField):
                yield model, column.name


@dataclass(slots=True)
class Rotated:
    """The result of a rotation: how many values were re-encrypted (`changed`), how many were already encrypted with the
    first key (`current`), and a message for each value that could not be decrypted (`failures`).
    """

    changed: int = 0
    current: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, *, changed: bool) -> None:
        self.changed += changed
        self.current += not changed

    def fail(self, message: str) -> None:
        self.failures.append(message)


# {name: function that re-encrypts sealed values with the first key}, for values outside of `SealedField` columns
_rotations: dict[str, Callable[[], Rotated]] = {}


def register_rotation(name: str, rotate: Callable[[], Rotated]) -> None:
    """Register a function with which `manage.py rotate_keys` re-encrypts values outside of `SealedField` columns."""
    _rotations[name] = rotate


def rotations() -> list[Callable[[], Rotated]]:
    """Return the functions that were registered with `register_rotation`."""
    return list(_rotations.values())
