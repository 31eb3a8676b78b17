"""List static files once per process, because each test client makes its own WhiteNoise middleware."""

from __future__ import annotations

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware

_list = WhiteNoiseMiddleware.add_files_from_finders
_files: dict[str, Any] = {}


def _add_listed(self: WhiteNoiseMiddleware) -> None:
    if not _files:
        _list(self)
        _files.update(self.files)
    self.files.update(_files)


def install() -> None:
    """Make all instances of the middleware share one list of static files."""
    WhiteNoiseMiddleware.add_files_from_finders = _add_listed
