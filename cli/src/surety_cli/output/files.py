"""Write a file either completely or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from surety_cli.exits import UsageFailure


def refuse_missing_folder(path: Path) -> None:
    """Raise UsageFailure if no file can be created at the path. Commands call this function before they start work that
    takes long.
    """
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise UsageFailure(f"{path} cannot be written: its folder does not exist or is protected.")


@contextmanager
def text_file(path: Path) -> Iterator[TextIO]:
    """Open a temporary file for text. When everything is written, the temporary file replaces the file at the path.

    Raise UsageFailure if the file cannot be written.
    """
    with _replaced(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as target:
        yield target


@contextmanager
def binary_file(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file for bytes. When everything is written, the temporary file replaces the file at the path.

    Raise UsageFailure if the file cannot be written.
    """
    with _replaced(path) as temporary, temporary.open("wb") as target:
        yield target


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        os.close(handle)
        temporary = Path(name)
        # mkstemp permits only the owner to read the file. Give it the usual permissions, because other programs may
        # have to read it.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        try:
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageFailure(f"{path} cannot be written: {error.strerror}.") from None
