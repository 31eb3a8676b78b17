"""Sealed credentials: AES-256-GCM under a key ring, bound to the row that holds them.

The ring is `SURETY_KEYS` (keys in base64, 32 bytes each, separated by commas or blanks) or the file `keys` in
SURETY_HOME with a key a line and mode 0600, made on first use. The first key seals, all of them open. To
rotate: put a new key first, run `manage.py rotate_keys`, then drop the old one.

A sealed value is: version (1 byte, 1), key id (8 bytes, the first of the key's SHA-256), nonce (12 bytes,
random), ciphertext with tag. The associated data is the context, which names tenant, table, row and field: a
sealed value that is copied into another row does not open.

What is opened is a `Secret`, which shows itself nowhere but through `reveal()`.
"""

import base64
import binascii
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
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
    """A secret in memory. Printing, logging, comparing or dumping it shows nothing."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The secret itself, for the one call that needs it."""
        return self.__value

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("A secret is not pickled: pass the id of what holds it.")


class Sealed(bytes):
    """A sealed value as it is stored; its repr is masked so that it stays out of logs."""

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__

    @property
    def key_id(self) -> str:
        """Id in hex of the key that sealed it."""
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
    """Keys, the first of which seals."""

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
                "This is no sealed value. Enter the credential again.", code="sealed_malformed"
            )
        key = next((key for key in self.keys if key.id == sealed.key_id), None)
        if key is None:
            raise SecretsUnusable(
                f"The key {sealed.key_id} that sealed this value is not in the key ring. Put it back into "
                "SURETY_KEYS or the keys file, or enter the credential again.",
                code="key_missing",
            )
        try:
            plain = AESGCM(key.material).decrypt(
                sealed[1 + _ID_BYTES : _HEADER], sealed[_HEADER:], context.encode()
            )
        except InvalidTag:
            raise SecretsUnusable(
                "A sealed value was changed, or belongs to another row. Enter the credential again.",
                code="sealed_tampered",
            ) from None
        return Secret(plain.decode())


def new_key() -> str:
    """A new key in base64, as the ring's sources hold them."""
    return base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def keys_file() -> Path:
    """Where the ring is kept when SURETY_KEYS is not set."""
    home = getattr(settings, "SURETY_HOME", None) or os.environ.get("SURETY_HOME") or ".surety"
    return Path(home) / "keys"


def parse(text: str, source: str) -> KeyRing:
    """The ring in `text`; SecretsUnusable, naming `source` and the key's place, if it is unusable."""
    keys: list[Key] = []
    for place, word in enumerate(re.split(r"[\s,]+", text.strip()), start=1):
        try:
            material = base64.b64decode(word, validate=True)
        except (binascii.Error, ValueError):
            material = b""
        if len(material) != _KEY_BYTES:
            raise SecretsUnusable(
                f"Key {place} in {source} is not 32 bytes in base64. Make one with: openssl rand -base64 32",
                code="key_malformed",
            )
        keys.append(Key(material))
    if len({key.id for key in keys}) != len(keys):
        raise SecretsUnusable(f"{source} holds a key twice. Remove one of them.", code="key_twice")
    return KeyRing(tuple(keys))


def from_environment() -> str:
    """The ring as SURETY_KEYS gives it; empty when the keys file counts."""
    return os.environ.get("SURETY_KEYS", "").strip()


def ring() -> KeyRing:
    """The key ring, from SURETY_KEYS or the keys file (which is made when it is not there)."""
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
            f"{path} can be read by others. Run: chmod 600 {path}", code="keys_file_permissions"
        )
    return _parsed(path.read_text(), str(path))


@lru_cache(maxsize=4)
def _parsed(text: str, source: str) -> KeyRing:
    return parse(text, source)


def create_keys_file(path: Path) -> None:
    """Make the file with one new key. Of several processes that try, one wins and the others use its file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and linked into place, so that nobody ever reads a half-written key.
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
    """Put a new key first into the keys file; the old ones still open. Returns the new key."""
    if not path.exists():
        create_keys_file(path)
        return ring().keys[0]
    text = new_key() + "\n" + path.read_text()
    draft = path.with_name(f".keys.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
    return ring().keys[0]


class SealedField(models.BinaryField):  # type: ignore[type-arg]  # generic for the type checker only
    """A column of sealed bytes. Never in forms, and serializers (dumpdata) get a placeholder."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def value_to_string(self, obj: models.Model) -> str:
        return ""


def context_of(instance: models.Model, field: str) -> str:
    """What a sealed field is bound to: tenant (or organization), table, row and field."""
    owner = getattr(instance, "tenant_id", None) or getattr(instance, "organization_id", None)
    return f"{owner}/{instance._meta.label_lower}/{instance.pk}/{field}"


def seal(instance: models.Model, field: str, plain: str) -> None:
    """Set the sealed field of an instance (which has its id) to `plain`, sealed. Saving is the caller's."""
    setattr(instance, field, ring().seal(plain, context_of(instance, field)))


def unseal(instance: models.Model, field: str) -> Secret:
    """The secret in a sealed field. SecretsUnusable says why it does not open."""
    return ring().unseal(bytes(getattr(instance, field)), context_of(instance, field))


def rotate(instance: models.Model, field: str) -> bool:
    """Seal the field again under the first key; False when it is already. Saving is the caller's."""
    if Sealed(getattr(instance, field)).key_id == ring().keys[0].id:
        return False
    seal(instance, field, unseal(instance, field).reveal())
    return True


def sealed_fields() -> Iterator[tuple[type[models.Model], str]]:
    """Every sealed column of the product, as (model, field name)."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedField):
                yield model, field.name
