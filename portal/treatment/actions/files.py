"""Storing what people add as evidence: a few kinds, recognized by their content, kept under names of ours."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import PurePosixPath
from typing import Final

from django.core.files.base import ContentFile, File
from django.db import transaction

from portal.treatment.actions.file_kinds import KINDS, recognize
from portal.treatment.models import Attestation, EvidenceFile, FindingException
from tenants.errors import NotFound, invalid
from tenants.ids import uuid7
from tenants.models import Person, Tenant

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_NAME: Final = 150


def store_file(
    *,
    tenant: Tenant,
    by: Person,
    file: File[bytes],
    exception: FindingException | None = None,
    attestation: Attestation | None = None,
) -> EvidenceFile:
    """Keep a file with an exception or an attestation (exactly one). InvalidInput says what is wrong with it.

    What the uploader says of its kind is not looked at: the content decides, and the name's ending must say
    the same. Stored outside of what is served, and taken back where the row cannot be written. The journal
    entry is that of the action it belongs to.
    """
    if (exception is None) == (attestation is None):
        raise TypeError("A file belongs to an exception or to an attestation: give exactly one.")
    owner = exception or attestation
    if owner is None or owner.tenant_id != tenant.pk:
        raise NotFound("There is no such exception or attestation, or you have no access to it.")
    name = clean_name(file.name or "")
    content = _read(file, name)
    kind = recognize(content, name)
    row = EvidenceFile(
        id=uuid7(),
        tenant=tenant,
        exception=exception,
        attestation=attestation,
        name=name,
        content_type=kind,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
    )
    try:
        with transaction.atomic():
            row.file.save(name, ContentFile(content), save=False)
            row.save(force_insert=True)
    except BaseException:
        discard(row)
        raise
    return row


def discard(row: EvidenceFile) -> None:
    """Delete the stored file of a row that the transaction takes back: nothing would know of it."""
    if row.file.name:
        row.file.storage.delete(row.file.name)


def clean_name(given: str) -> str:
    """The last part of the name, without what could steer a terminal, a header or a path; its ending stays."""
    last = PurePosixPath(given.replace("\\", "/")).name
    # Control and format characters hide what a name ends with (U+202E turns it around).
    kept = "".join(char for char in last if unicodedata.category(char)[0] != "C" and char not in '"<>|:*?/')
    kept = " ".join(kept.split()).lstrip(".")
    stem, dot, ending = kept.rpartition(".")
    if not dot or not stem or not ending:
        raise invalid("files", f"Give the file a name with an ending: {', '.join(_accepted_extensions())}.")
    return f"{stem[:MAX_NAME]}.{ending[:10].lower()}"


def _read(file: File[bytes], name: str) -> bytes:
    file.seek(0)
    content: bytes = file.read(MAX_BYTES + 1)
    if not content:
        raise invalid("files", f"{name} is empty.", code="file_empty")
    if len(content) > MAX_BYTES:
        raise invalid("files", f"{name} is larger than {MAX_BYTES // 2**20} MiB.", code="file_too_large")
    return content


def _accepted_extensions() -> list[str]:
    return sorted(ending for kind in KINDS for ending in kind.endings)
