"""gunicorn's access log, from which tokens of links are removed (`portal.http.log_requests`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from gunicorn.glogging import Logger

from portal.http.log_requests import loggable_path

_SAFE: Final = "/:@!$&'()*+,;=-._~[]{}%"


class AccessLogger(Logger):  # type: ignore[misc]
    """gunicorn's logger, which replaces tokens in URLs in every log format."""

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> dict[str, Any]:
        """Return the values that an access log format may use."""
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        # The path is decoded, so it can contain line breaks and escape sequences of terminals.
        path = quote(loggable_path(str(environ.get("PATH_INFO", ""))), safe=_SAFE)
        hidden = {
            "U": path,
            "q": "",
            "f": "-",
            "r": f"{environ.get('REQUEST_METHOD')} {path} {environ.get('SERVER_PROTOCOL')}",
        }
        # Names that begin with “{” are those of headers and of variables in environ. Their values, such as the target
        # of a redirect, can contain a token.
        return {name: hidden.get(name, value) for name, value in found.items() if not name.startswith("{")}
