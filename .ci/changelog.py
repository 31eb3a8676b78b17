"""Update CHANGELOG.md: the list of the controls that the last release did not have, and the number of all controls in
the first sentence.

    python .ci/changelog.py          # write the changelog
    python .ci/changelog.py --check  # exit with status 1 if it is out of date

`tests/stored_names.json` has the controls of the last release. For a release, first rename the part “Unreleased” of the
changelog, then add the new names to `tests/stored_names.json`: the script never changes the parts of released versions.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHANGELOG = ROOT / "CHANGELOG.md"
STORED_NAMES = ROOT / "tests" / "stored_names.json"
WIDTH = 120
BEGIN = "<!-- Written by make docs: the controls that the last release did not have. -->"
END = "<!-- End of the list. -->"
# {title of an item in the list: the sections whose controls are in the item}. Each other section has an item of its
# own, with the title of the section.
SERVICES: Mapping[str, tuple[str, ...]] = {
    "AI and analytics": ("ai", "aisearch", "databricks", "datafactory", "synapse"),
    "App Service": ("webapp", "function"),
    "Backup, locks, SKUs": ("recovery", "lock", "platform"),
    "Containers": ("aks", "containerapp", "aci", "registry"),
    "Databases": ("cosmos", "mysql", "postgresql", "database", "redis"),
    "Defender for Cloud": ("defender",),
    "Integration": ("apim", "appconfig", "automation", "logicapp", "servicebus", "eventhub"),
    "Key vaults": ("keyvault",),
    "Logging and monitoring": ("logging", "monitoring"),
    "Networks": ("network",),
    "Storage": ("storage",),
    "Virtual machines": ("vm", "vmss"),
}


def updated(
    text: str, controls: Mapping[str, str], released: Iterable[str], titles: Mapping[str, str]
) -> str:
    """Return the changelog with the current list of new controls and the current number of all controls, both in the
    part “Unreleased”.

    `controls` is {slug: section} of the catalogue, `released` has the slugs of the last release, and `titles` is
    {section: title}. If there are new controls, missing headings are added.
    """
    new = {slug: section for slug, section in controls.items() if slug not in set(released)}
    if new and "## Unreleased\n" not in text:
        text = text.replace("# Changelog\n", "# Changelog\n\n## Unreleased\n", 1)
    start, heading, rest = text.partition("## Unreleased\n")
    unreleased, following, older = rest.partition("\n## ")
    if new and BEGIN not in unreleased:
        unreleased = _with_empty_list(unreleased)
    before, begin, rest = unreleased.partition(f"{BEGIN}\n")
    _, end, after = rest.partition(END)
    listed = "".join(f"{line}\n" for line in items(new, titles))
    unreleased = f"{before}{begin}{listed}{end}{after}"
    unreleased = re.sub(r"(?<=Surety judges )\d+(?= controls instead of )", str(len(controls)), unreleased)
    return f"{start}{heading}{unreleased}{following}{older}"


def _with_empty_list(unreleased: str) -> str:
    """Return the part “Unreleased” with the headings “New” and “Controls”, and with an empty list below them."""
    text = f"\n{unreleased.strip()}\n"
    if "\n### New\n" not in text:
        text = f"{text.rstrip()}\n\n### New\n"
    if "\n#### Controls\n" not in text:
        text = text.replace("\n### New\n", "\n### New\n\n#### Controls\n", 1)
    text = text.replace("\n#### Controls\n", f"\n#### Controls\n{BEGIN}\n{END}\n", 1)
    return f"\n{text.lstrip()}"


def items(new: Mapping[str, str], titles: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of the list: an item for each service with new controls, ordered by title."""
    of_services = {section: title for title, sections in SERVICES.items() for section in sections}
    by_title: dict[str, dict[str, list[str]]] = {}
    for slug, section in sorted(new.items()):
        title = of_services.get(section, titles[section])
        by_title.setdefault(title, {}).setdefault(section, []).append(slug)
    for title, sections in sorted(by_title.items(), key=lambda item: item[0].casefold()):
        groups = "; ".join(shortened(slugs) for slugs in sections.values())
        yield from textwrap.wrap(
            f"- **{title}**: {groups}.",
            WIDTH,
            subsequent_indent="  ",
            break_on_hyphens=False,
            break_long_words=False,
        )


def shortened(slugs: list[str]) -> str:
    """Return slugs as code, with their common beginning only once: `redis-` `pna`, `tls`."""
    parts = [slug.split("-") for slug in slugs]
    same = list(
        takewhile(lambda column: len(set(column)) == 1, zip(*(part[:-1] for part in parts), strict=False))
    )
    beginning = "".join(f"{column[0]}-" for column in same) if len(slugs) > 1 else ""
    names = ", ".join(f"`{slug.removeprefix(beginning)}`" for slug in slugs)
    return f"`{beginning}` {names}" if beginning else names


def present(text: str) -> str:
    """Return the changelog `text` as it should be now."""
    sys.path.insert(0, str(ROOT))
    from assessments.controls.registry import SECTIONS, catalogue

    stored = json.loads(STORED_NAMES.read_text(encoding="utf-8"))["controls and their parameters"]
    released = [name for name in stored if "." not in name]
    return updated(text, {slug: one.section for slug, one in catalogue().items()}, released, SECTIONS)


def main() -> int:
    text = CHANGELOG.read_text(encoding="utf-8")
    wanted = present(text)
    if "--check" in sys.argv:
        if wanted != text:
            print("CHANGELOG.md is out of date. Run make docs and commit the result.", file=sys.stderr)
        return int(wanted != text)
    if wanted != text:
        CHANGELOG.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
