"""Files that no address serves: under SURETY_HOME, readable by nobody else, handed out by a view that asks."""

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible


@deconstructible
class PrivateStorage(FileSystemStorage):
    """`SURETY_HOME/<folder>`, files 0600 and folders 0700."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            location=Path(settings.SURETY_HOME) / folder,
            base_url=None,
            file_permissions_mode=0o600,
            directory_permissions_mode=0o700,
        )

    def url(self, name: str | None) -> str:
        raise ValueError("These files have no public address: serve them through a view that checks access.")
