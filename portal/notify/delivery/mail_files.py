"""Mail as files in the state directory, for installations without a mail server."""

from __future__ import annotations

from email import policy
from typing import Any, Final

from django.core.mail import EmailMessage
from django.core.mail.backends import filebased

# People open links from these files, so each link must be on one line. With Django's default policy, a text with a line
# of more than 78 characters is encoded as quoted-printable, which splits long links with an equals sign.
_READABLE: Final = policy.default.clone(cte_type="8bit", max_line_length=998)
_SEPARATOR: Final = "-" * 79


class EmailBackend(filebased.EmailBackend):
    """Write each mail as plain text in which every link is complete."""

    def write_message(self, message: EmailMessage) -> Any:
        """Append the mail and `_SEPARATOR` to the file.

        If the text of the mail contains the separator, encode the text as quoted-printable or base64. These encodings
        break lines after at most 78 characters, and the separator has 79. So the separator occurs only between mails.
        """
        chosen = policy.default if _SEPARATOR in str(message.body) else _READABLE
        stream: Any = self.stream  # The stream takes bytes, but the type stubs say otherwise.
        stream.write(message.message(policy=chosen).as_bytes() + f"\n{_SEPARATOR}\n".encode())
