"""A mail message that does not fold its unsubscribe headers.

Python's `email` package folds at 78 characters and encodes a long link (`=?utf-8?q?=3Chttps=3A...`), which mail
providers do not decode in List-Unsubscribe. RFC 5322, 2.1.1 allows lines of up to 998 characters.
"""

from __future__ import annotations

from email import policy as policies
from email.headerregistry import HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage, Message
from email.policy import EmailPolicy, Policy
from typing import Final

from django.core.mail import EmailMultiAlternatives

UNFOLDED_HEADERS: Final = ("List-Unsubscribe", "List-Unsubscribe-Post")


class UnfoldedHeader(UniqueUnstructuredHeader):
    """A header of ASCII text on one line of any length.

    Python's HeaderRegistry combines this class with `BaseHeader`, which provides `name`.
    """

    name: str

    def fold(self, *, policy: Policy[Message[str, str]]) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class MailMessage(EmailMultiAlternatives):
    """A mail whose UNFOLDED_HEADERS are neither folded nor encoded."""

    def message(self, *, policy: Policy[Message[str, str]] | None = None) -> EmailMessage:
        """Return Django's message, made with a policy that does not fold UNFOLDED_HEADERS."""
        chosen = policy or policies.default
        if isinstance(chosen, EmailPolicy):
            registry = HeaderRegistry()
            for name in UNFOLDED_HEADERS:
                registry.map_to_type(name, UnfoldedHeader)  # type: ignore[arg-type]
            chosen = chosen.clone(header_factory=registry)
        return super().message(policy=chosen)
