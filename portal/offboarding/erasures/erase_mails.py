"""Remove two kinds of mail from the mail files: mail about a customer, and mail to people who had access to this
customer only. Installations without a mail server write mail to these files.

A mail is removed if it has the customer's id in the header `Surety-Customer`, contains a link to a page of the
customer, or has one of these people as recipient. The customer's name in the text does not count, because it may be an
ordinary word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from portal import mail_headers

# The backend (portal/notify/delivery/mail_files.py) writes this line after each mail.
_SEPARATOR: Final = b"\n" + b"-" * 79 + b"\n"
# Every mail that Django writes contains these headers.
_HEADERS: Final = ("MIME-Version", "Subject", "From", "To", "Date", "Message-ID")


def remove_mails(*, tenant_id: UUID, slug: str, addresses: Collection[str]) -> int:
    """Remove mail about the customer, and all mail to `addresses`, from the files. Return the number of removed mails.

    Delete a file if no mail remains in it.
    """
    link = re.compile(rf"/t/{re.escape(slug)}(?![\w-])", re.IGNORECASE)
    known = {address.lower() for address in addresses}
    return _remove(lambda message: _is_about(message, str(tenant_id), link) or _is_to(message, known))


def remove_mails_to(addresses: Collection[str]) -> int:
    """Remove all mail to these recipients from the files. Return the number of removed mails."""
    known = {address.lower() for address in addresses}
    return _remove(lambda message: _is_to(message, known))


def _remove(is_removed: Callable[[EmailMessage], bool]) -> int:
    backend: Any = getattr(settings, "MAILERS", {}).get("default", {})
    folder = backend.get("OPTIONS", {}).get("file_path")
    removed = 0
    for path in sorted(Path(folder).glob("*.log")) if folder else ():
        mails = _mails(path.read_bytes())
        kept = [mail for mail in mails if not is_removed(message_from_bytes(mail, policy=policy.default))]
        if len(kept) == len(mails):
            continue
        removed += len(mails) - len(kept)
        if any(mail.strip() for mail in kept):
            part = path.with_suffix(".part")
            part.write_bytes(_SEPARATOR.join(kept))
            part.chmod(path.stat().st_mode & 0o777)
            part.replace(path)
        else:
            path.unlink(missing_ok=True)
    return removed


def _mails(content: bytes) -> list[bytes]:
    """Return the mails of a file. The text after a separator is a mail only if it begins with the headers of a mail."""
    found: list[bytes] = []
    for part in content.split(_SEPARATOR):
        message = message_from_bytes(part, policy=policy.default)
        if found and part.strip() and any(name not in message for name in _HEADERS):
            found[-1] += _SEPARATOR + part
        else:
            found.append(part)
    return found


def _is_about(message: EmailMessage, tenant_id: str, link: re.Pattern[str]) -> bool:
    headers = [str(value) for value in message.get_all(mail_headers.CUSTOMER, [])]
    if tenant_id in {one.strip().lower() for value in headers for one in value.split(",")}:
        return True
    texts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    return any(link.search(_text(part)) for part in texts)


def _is_to(message: EmailMessage, addresses: Collection[str]) -> bool:
    to = [str(value) for name in ("To", "Cc", "Bcc") for value in message.get_all(name, [])]
    return any(address.lower() in addresses for _, address in getaddresses(to))


def _text(part: EmailMessage) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
