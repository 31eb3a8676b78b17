"""Send mails one by one. Describe why the mail server refused a mail, a connection or a sign-in."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from django.core.mail import EmailMessage, EmailMultiAlternatives, mailers
from django.core.mail.backends.base import BaseEmailBackend

from tenants.models import Person
from tenants.values.storable_text import storable_text

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason why a mail was not sent.

    If `final` is set, a retry would not help. If `server` is set, the mail server failed, so no more mail is sent for
    now.
    """

    error: str
    final: bool = False
    server: bool = False


def send_message(mailer: BaseEmailBackend, message: EmailMultiAlternatives) -> Failure | None:
    """Send a mail; return None if the mail server accepted it."""
    try:
        mailer.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()), (0, b""))
        return Failure(f"The mail server refused the address: {_server_reply(code, text)}", final=code >= 500)
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
        return Failure(
            f"The mail server refused the message: {_server_reply(code, error.smtp_error)}", code >= 500
        )
    except smtplib.SMTPResponseException as error:
        reply = _server_reply(error.smtp_code, error.smtp_error)
        return Failure(f"The mail server refused the connection: {reply}", server=True)
    except (smtplib.SMTPException, OSError) as error:
        return Failure(f"The mail server closed the connection ({type(error).__name__}).", server=True)
    except ValueError as error:
        # Django and `email` raise ValueError for an invalid address or header.
        return Failure(f"The mail has an invalid address or header: {error}", final=True)
    return None


def send_to_each(mails: Mapping[Person, EmailMessage], on_refusal: Callable[[Person], None]) -> int:
    """Send each person a mail, each over a connection of its own. Return how many mails the mail server accepted.

    If the mail server refuses the mail to one person, call `on_refusal` with the person; the others still get the mail.
    Raise OSError or smtplib.SMTPException if the mail server cannot be reached, and at the end if it refused a mail
    only temporarily.
    """
    sent = 0
    temporary: smtplib.SMTPException | None = None
    for person, message in mails.items():
        try:
            mailers["default"].send_messages([message])
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            on_refusal(person)
            if is_temporary(error):
                temporary = error
        else:
            sent += 1
    if temporary is not None:
        raise temporary
    return sent


def connection_problem(error: OSError | smtplib.SMTPException) -> str:
    """Return a sentence that says why no connection to the mail server could be opened."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        reply = _server_reply(error.smtp_code, error.smtp_error)
        return f"The mail server refused Surety’s user name or password ({reply})."
    return f"The mail server cannot be reached ({type(error).__name__})."


def is_temporary(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> bool:
    """Return whether the mail server refused the address or content of a mail only temporarily."""
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code < 500
    return any(code < 500 for code, _ in error.recipients.values())


def close(mailer: BaseEmailBackend) -> None:
    """Close the connection. A failure is only logged, because the server has already answered every mail."""
    try:
        mailer.close()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("closing the mail connection failed", error=type(error).__name__)


def _server_reply(code: int, text: bytes | str) -> str:
    reply = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(storable_text(reply).split())[:200]}"
