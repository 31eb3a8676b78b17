"""Storage of files without a URL, in SURETY_HOME, which only views that check access serve."""

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible


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
        raise ValueError("These files have no URL. Serve them through a view that checks access.")
