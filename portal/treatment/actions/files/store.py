"""Store evidence files under generated names. Only a few kinds of files are accepted. The content of a file must be of
the kind that the extension of its name states.
"""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import PurePosixPath
from typing import Final

from django.core.files.base import ContentFile, File
from django.db import transaction

from portal.treatment.actions.files.kinds import KINDS, recognize
from portal.treatment.actions.files.malware import refuse_malware
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
    """Store an evidence file of either an exception or an attestation. Raises InvalidInput with the reason if the file
    is refused.

    The extension of the file name states the kind of the file, and the content must be of this kind. If a malware
    scanner is configured, it checks the content. The file is stored outside of the served folders, and deleted if its
    row cannot be stored. The calling action writes the journal entry.
    """
    if (exception is None) == (attestation is None):
        raise TypeError("Pass either an exception or an attestation.")
    owner = exception or attestation
    if owner is None or owner.tenant_id != tenant.pk:
        raise NotFound(
            "The exception or attestation for this file does not exist, or you have no access to it."
        )
    name = clean_name(file.name or "")
    content = _read(file, name)
    kind = recognize(content, name)
    refuse_malware(content, name)
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
    """Delete the stored file of a row that is rolled back."""
    if row.file.name:
        row.file.storage.delete(row.file.name)


def clean_name(name: str) -> str:
    """Return the last part of a file name, without characters that affect terminals, headers or paths."""
    last = PurePosixPath(name.replace("\\", "/")).name
    # Control and format characters can hide the extension (U+202E reverses the text after it).
    kept = "".join(char for char in last if unicodedata.category(char)[0] != "C" and char not in '"<>|:*?/')
    kept = " ".join(kept.split()).lstrip(".")
    stem, dot, extension = kept.rpartition(".")
    if not dot or not stem or not extension:
        raise invalid(
            "files",
            f"The name of the file needs one of these extensions: {', '.join(_accepted_extensions())}.",
        )
    return f"{stem[:MAX_NAME]}.{extension[:10].lower()}"


def _read(file: File[bytes], name: str) -> bytes:
    file.seek(0)
    content: bytes = file.read(MAX_BYTES + 1)
    if not content:
        raise invalid("files", f"{name} is empty.", code="file_empty")
    if len(content) > MAX_BYTES:
        raise invalid(
            "files",
            f"{name} is larger than {MAX_BYTES // 2**20} MiB. Upload a smaller file.",
            code="file_too_large",
        )
    return content


def _accepted_extensions() -> list[str]:
    return sorted(ending for kind in KINDS for ending in kind.endings)
