"""Records of how the portal paths in fixes were compared with Microsoft's documentation.

A cases module lists the paths of its controls in `PORTAL_PATHS`. If several controls name the same path, the module of
one of them lists it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping


class DocsFile:
    """A file of Microsoft's documentation. `words` are texts of the file that name steps of a path in the portal.

    `file` is repository and path, such as “MicrosoftDocs/azure-docs/articles/….md”. `commit` is the commit that was
    read, or "" if nobody noted it.
    """

    def __init__(self, file: str, commit: str, *words: str) -> None:
        self.file = file
        self.commit = commit
        self.words = words

    def is_text_of(self, page: str) -> bool:
        """Whether the file is the text of a page: the last two parts of the file's path are those of the page's
        address.
        """
        return re.sub(r"\.(md|yml)$", "", self.file).split("/")[-2:] == page.split("/")[-2:]


class ComparedPath:
    """A path in the portal, and the files of Microsoft's documentation that name its steps.

    - `not_in_text`: {step that the files do not spell out: why they do not, or what is known about this step}
    - `page`: the page to which the fix links (`portal_source`), if none of the files is the text of this page
    """

    def __init__(
        self, path: str, *files: DocsFile, not_in_text: Mapping[str, str] | None = None, page: str = ""
    ) -> None:
        self.path = path
        self.files = files
        self.not_in_text = not_in_text or {}
        self.page = page
