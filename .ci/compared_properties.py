"""Write the files in assessments/estate/definitions: the properties that controls read, and Microsoft's definitions
that have these properties.

The module `tests/assessments/definitions/entries.py` makes an entry for each collection. The program prints what is
left to do by hand: which properties to look up in Microsoft's definition, and which to remove from the tables `DEFINED`
and `UNDEFINED`. These tables are in the module with Microsoft's example of the collection, or in a module with cases of
controls.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEFINITIONS = ROOT / "assessments" / "estate" / "definitions"


def main() -> None:
    import django

    django.setup()
    from assessments.estate.collections import REQUESTED
    from tests.assessments.definitions.entries import file_of, made
    from tests.assessments.official.estates import module_of

    files: dict[str, dict[str, Any]] = {}
    for name, collection in sorted(REQUESTED.items()):
        entry = made(name)
        files.setdefault(file_of(collection), {})[name] = entry.entry
        module = Path(str(module_of(name).__file__)).relative_to(ROOT)
        for path in entry.to_look_up:
            print(
                f"{module}: look up {path} of {name} in {entry.entry['definition']} ({entry.entry['source']}),"
                " and enter it in DEFINED or, with a reason, in UNDEFINED, here or beside the cases of the control"
            )
        for path in entry.to_remove:
            print(f"{module}: remove {path} of {name} from DEFINED or UNDEFINED")
    for old in DEFINITIONS.glob("*.json"):
        if old.name not in files:
            old.unlink()
    for file, entries in files.items():
        text = json.dumps(entries, indent=2, ensure_ascii=False)
        (DEFINITIONS / file).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    main()
