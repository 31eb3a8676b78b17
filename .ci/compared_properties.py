"""Update the files in assessments/estate/definitions, which list the properties that controls read.

The program adds missing properties that an installed library of Azure has, and removes properties that nothing reads.
It prints what to remove from `undefined` by hand, and which other properties are missing. Look up these properties in
the definition that their entry names, and add them to `properties` or, if the definition lacks them, to `undefined`.
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
