"""Create files that other users of the machine cannot read. `PrivateStorage` is a storage of such files for Django.
`close_new_files` makes all new files of this process private.
"""

import os
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible


def close_new_files() -> None:
    """Make all new files of this process and its children private: files get mode 0600, and folders mode 0700."""
    os.umask(0o077)


@deconstructible
class PrivateStorage(FileSystemStorage):
    """Storage in `SURETY_HOME/<folder>`, with files of mode 0600 and folders of mode 0700."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            location=Path(settings.SURETY_HOME) / folder,
            base_url=None,
            file_permissions_mode=0o600,
            directory_permissions_mode=0o700,
        )

    def url(self, name: str | None) -> str:
        raise ValueError("Private files have no URL. Use a view that checks access to send them to a client.")
