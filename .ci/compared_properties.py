"""Update the files in assessments/estate/definitions, which list the properties that controls read.

Each entry of a file names Microsoft's definition of a resource. `properties` lists the properties that the definition
contains, `undefined` those that it lacks. The program updates `properties`: it removes each property that no control
reads any more. It adds each property that a control reads now, if an installed Python library of Azure contains it.

The program prints what is left to do by hand: which properties to remove from `undefined`, and which properties to look
up in the definition. Add the latter to `properties` or, if the definition lacks them, to `undefined`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFINITIONS = ROOT / "assessments" / "estate" / "definitions"


def main() -> None:
    import django

    django.setup()
    from tests.assessments.definitions import library_models
    from tests.assessments.definitions.installed_libraries import INSTALLED
    from tests.assessments.definitions.properties_to_compare import uncompared, unread

    for file in sorted(DEFINITIONS.glob("*.json")):
        entries = json.loads(file.read_text(encoding="utf-8"))
        for name, entry in entries.items():
            model = library_models.load(entry["definition"]) if name in INSTALLED else None
            found = set(entry["properties"])
            for path in unread(name):
                if path in found:
                    found.remove(path)
                else:
                    print(
                        f"{file.relative_to(ROOT)}: remove {path} from `undefined` of {name}: nothing reads it"
                    )
            for path in uncompared(name):
                if model is not None and library_models.has(model, path):
                    found.add(path)
                else:
                    print(f"{file.relative_to(ROOT)}: look up {path} of {name} in {entry['definition']}")
            entry["properties"] = sorted(found)
        text = json.dumps(entries, indent=2, ensure_ascii=False)
        file.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    main()
