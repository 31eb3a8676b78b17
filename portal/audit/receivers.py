"""Receivers of a stream: a webhook, or syslog (RFC 5424) over TLS, TCP or UDP.

Over TLS and TCP, the length of each message in octets precedes the message (RFC 5425 4.3, RFC 6587 3.4.1). Over UDP,
each message is one datagram (RFC 5426). Syslog has no acknowledgement, so entries can be lost on the way; lost entries
are still in the journal. With a webhook, every entry arrives at least once.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from portal.notify import outbound, signing
from portal.notify.outbound import PostFailed
from tenants.errors import SuretyError
from tenants.secrets import Secret

SECONDS: Final = 15.0
# The maximum number of octets of a message over UDP; the rest is cut off. A receiver may lose messages of more than
# 2,048 octets, because RFC 5426 3.2 recommends only that receivers accept this size.
MAX_DATAGRAM: Final = 60_000
_PORTS: Final = {"syslog+tls": 6514, "syslog+tcp": 601, "syslog+udp": 514}
MIN_SECRET: Final = 32


# Statuses with which a webhook, or a firewall in front of it, refuses the content of a request.
_CONTENT_REFUSED: Final = frozenset((400, 403, 413, 422))


class NotReceived(SuretyError, code="not_received"):
    """The receiver did not accept the entries; a retry may help."""


class RefusedContent(NotReceived, code="refused_content"):
    """The receiver answered that it does not accept this content. It may accept other content."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The parsed address of a receiver. `url` is set for a webhook only. For syslog, `scheme` is a key of
    _PORTS.
    """

    scheme: str
    host: str
    port: int
    url: str = ""

    @property
    def label(self) -> str:
        """The receiver in words, without the path of a webhook, which may be a credential."""
        return f"webhook {self.host}" if self.url else f"{self.scheme}://{self.host}:{self.port}"


def parse(address: str) -> Receiver:
    """Parse the address of a receiver from the settings. Raise ValueError with a message that says what to correct.

    The message does not contain the address, because the path of a webhook may be a credential.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ValueError("This is not a valid URL. Check its brackets and its port.") from None
    if parts.scheme in _PORTS and parts.hostname and parts.path in ("", "/") and not parts.query:
        return Receiver(parts.scheme, parts.hostname, port or _PORTS[parts.scheme])
    if parts.scheme in ("https", "http") and parts.hostname:
        if len(settings.SURETY_JOURNAL_SECRET) < MIN_SECRET:
            raise ValueError(
                "A webhook needs a secret, because this secret signs the requests. Set SURETY_JOURNAL_SECRET to at"
                f" least {MIN_SECRET} random characters."
            )
        return Receiver(parts.scheme, parts.hostname, port or 443, address)
    raise ValueError(
        "This is not the address of a receiver. Use one of the forms syslog+tls://HOST:PORT,"
        " syslog+tcp://HOST:PORT, syslog+udp://HOST:PORT and https://HOST/PATH."
    )


def configured() -> Receiver | None:
    """Return the receiver in SURETY_JOURNAL_STREAM, or None if the setting is empty.

    Raise ValueError for an invalid address.
    """
    return parse(settings.SURETY_JOURNAL_STREAM) if settings.SURETY_JOURNAL_STREAM else None


def check_settings() -> None:
    """Raise ImproperlyConfigured for an invalid setting. Nothing is sent.

    SURETY_JOURNAL_STREAM must be empty or the address of a receiver. SURETY_ANCHOR_WEBHOOK must be empty or the URL of
    a webhook. A webhook needs a secret of sufficient length.
    """
    try:
        configured()
    except ValueError as error:
        raise ImproperlyConfigured(f"SURETY_JOURNAL_STREAM: {error}") from None
    if not settings.SURETY_ANCHOR_WEBHOOK:
        return
    try:
        receiver = parse(settings.SURETY_ANCHOR_WEBHOOK)
    except ValueError as error:
        raise ImproperlyConfigured(f"SURETY_ANCHOR_WEBHOOK: {error}") from None
    if not receiver.url:
        raise ImproperlyConfigured(
            "SURETY_ANCHOR_WEBHOOK is not the address of a webhook. Set it to https://HOST/PATH."
        )


def send_messages(receiver: Receiver, messages: Sequence[bytes]) -> None:
    """Send syslog messages in order. Raise NotReceived if the connection fails."""
    try:
        if receiver.scheme == "syslog+udp":
            _datagrams(receiver, messages)
        else:
            _stream(receiver, messages)
    except ssl.SSLCertVerificationError as error:
        raise NotReceived(
            f"The certificate of {receiver.host} is not trusted: {error.verify_message}. Set SURETY_JOURNAL_CA_FILE"
            " to a file with the certificate of the authority that issued the receiver’s certificate."
        ) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise NotReceived(f"No connection to {receiver.label}: {reason}.") from None


def post(url: str, body: bytes, *, event: str, delivery: str, timestamp: int) -> None:
    """Post a signed body to a webhook. Raise RefusedContent if the status of the answer says that the webhook refuses
    this body. Raise NotReceived for any other status except 2xx, and if no answer arrives.
    """
    secret = Secret(settings.SURETY_JOURNAL_SECRET)
    headers = signing.headers(
        secrets=[secret], event=event, delivery=delivery, timestamp=timestamp, body=body
    )
    try:
        answer = outbound.post(url, body, {"Content-Type": "application/x-ndjson", **headers})
    except (PostFailed, SuretyError) as error:
        raise NotReceived(error.message) from None
    if not 200 <= answer.status < 300:
        kind = RefusedContent if answer.status in _CONTENT_REFUSED else NotReceived
        raise kind(f"The webhook answered with status {answer.status}. Check the logs of the receiver.")


def _datagrams(receiver: Receiver, messages: Sequence[bytes]) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(
        receiver.host, receiver.port, type=socket.SOCK_DGRAM
    )[0]
    with socket.socket(family, kind, protocol) as channel:
        for message in messages:
            channel.sendto(message[:MAX_DATAGRAM], address)


def _stream(receiver: Receiver, messages: Sequence[bytes]) -> None:
    framed = b"".join(b"%d %b" % (len(message), message) for message in messages)
    with socket.create_connection((receiver.host, receiver.port), timeout=SECONDS) as plain:
        if receiver.scheme == "syslog+tcp":
            plain.sendall(framed)
            return
        context = ssl.create_default_context(cafile=settings.SURETY_JOURNAL_CA_FILE or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        with context.wrap_socket(plain, server_hostname=receiver.host) as channel:
            channel.sendall(framed)
