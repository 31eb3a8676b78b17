"""The script of the child process that checks the part of a report after its signature.

The module `portal.reports.verification.archive_process` starts the script.

The validation data and time stamps after the signature may come from anybody who has a genuine report. So the
script runs with limits, and without the environment of its parent.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from types import ModuleType


def main() -> None:
    """Check the file from standard input.

    Arguments: seconds of processor time, bytes of memory, the project's folder.
    """
    seconds, memory, root = sys.argv[1:]
    sys.path.insert(0, root)
    # Replace the module `portal` by an empty module. The real module imports Celery, which would take a third of
    # the processor time of a check.
    package = sys.modules["portal"] = ModuleType("portal")
    package.__path__ = [str(Path(root, "portal"))]
    from portal.reports.verification.pdf_inspector import set_limits

    set_limits(int(seconds), int(memory))
    # Turn the garbage collection off during imports, and let it ignore the imported objects afterwards (`freeze`).
    # Searching these objects for garbage would take a third of the time of a check.
    gc.disable()
    from portal.reports.verification.archive_process import answer  # imported only after the limits are set

    gc.freeze()
    gc.enable()
    answer()


if __name__ == "__main__":
    main()
