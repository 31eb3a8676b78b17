"""Configure logging with structlog, also for libraries. Log lines are readable text on a terminal, and JSON
elsewhere.
"""

from __future__ import annotations

import io
import logging
import re
import sys
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from portal.http.log_requests import describe_request, drop_trace_of_refusal
from portal.settings import env

_SECRET_KEY = re.compile(r"(?i)pass(word|phrase)|secret|token|authorization|cookie|private_key|api_key")


def hide_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace the value of every field whose name suggests a secret, in case code logs a secret by mistake."""
    return {key: "[hidden]" if _SECRET_KEY.search(key) and value else value for key, value in event.items()}


# Tokens of Surety (portal.accounts.tokens.token_text). The log keeps the prefix and the next four characters of a
# token. Pages show the same characters, so people can find the token.
_TOKEN: Final = re.compile(r"(surety_(?:pat|oat|ocs)_[0-9A-Za-z]{4})[0-9A-Za-z]+")


def hide_tokens(logger: WrappedLogger, method: str, line: str) -> str:
    """Shorten every API token, access token and client secret in a formatted log line to its beginning. The line
    includes the traceback, if there is one.
    """
    return _TOKEN.sub(r"\1[hidden]", line)


# The end of an error message of PostgreSQL. It shows keys and rows, or a line of the statement, so it can contain texts
# that people have entered. The pattern matches everything up to the next exception of a traceback or, if no exception
# follows, up to the end of the text.
_ROW: Final = re.compile(
    r"(DETAIL:  |LINE \d+: ).*?(?=\n\n(?:The above exception was|During handling of the above)|\Z)", re.DOTALL
)


# The part of an email address before the @. It is hidden, because mail servers repeat addresses in their errors.
_MAILBOX: Final = re.compile(r"(?<![\w.+%-])[\w.+%-]++@(?=[\w-]++(?:\.[\w-]+)+)")


def without_personal_data(text: str) -> str:
    """Return a text in which two parts of error messages are hidden: the rows and statements that PostgreSQL adds, and
    the part of email addresses before the @.
    """
    return _MAILBOX.sub("[hidden]@", _ROW.sub(r"\1[hidden]", text))


def hide_personal_data(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Hide rows, statements and email addresses in all texts, such as the event and a formatted traceback."""
    return {
        key: without_personal_data(value) if isinstance(value, str) else value for key, value in event.items()
    }


def _traceback(target: TextIO, error: ExcInfo) -> None:
    """Print a traceback without the values of variables, which may contain credentials."""
    found = io.StringIO()
    structlog.dev.plain_traceback(found, error)
    target.write(without_personal_data(found.getvalue()))


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    describe_request,
    drop_trace_of_refusal,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    hide_secrets,
]
_for_people = env.boolean("SURETY_LOG_CONSOLE", default=sys.stderr.isatty())
_RENDER: list[Processor] = (
    [
        hide_personal_data,
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_traceback),
    ]
    if _for_people
    else [structlog.processors.format_exc_info, hide_personal_data, structlog.processors.JSONRenderer()]
)
_LEVEL = env.choice("SURETY_LOG_LEVEL", "INFO", tuple(logging.getLevelNamesMapping()))

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structlog": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_RENDER, hide_tokens],
            "foreign_pre_chain": _SHARED,
        }
    },
    "filters": {"ten_a_minute": {"()": "portal.http.log_requests.LimitLines", "most": 10}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structlog"}},
    "root": {"handlers": ["stderr"], "level": _LEVEL},
    "loggers": {
        "django": {"level": "INFO", "handlers": [], "propagate": True},
        # Scanners send invalid Host headers very often, so log only some of these requests.
        "django.security.DisallowedHost": {"filters": ["ten_a_minute"]},
        "django.server": {"level": "INFO", "handlers": [], "propagate": True},
        # Do not log at level INFO, because the Azure SDKs would then log the headers of every request and response.
        "azure": {"level": "WARNING"},
        # Do not log at level DEBUG, because oauthlib would then log the tokens that it issues.
        "oauthlib": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
        # Anybody can upload a damaged report. pyHanko would log a traceback for each upload, although the page already
        # shows the reason.
        "pyhanko": {"level": "CRITICAL"},
        "pyhanko_certvalidator": {"level": "CRITICAL"},
    },
}

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *(step for step in _SHARED if not isinstance(step, structlog.stdlib.ExtraAdder)),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
logging.captureWarnings(capture=True)
