"""The section of README.md about connecting Azure, as data for the tests that follow it word for word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tests.sandbox.running import PROJECT

HEADING: Final = "## Connect your own Azure in five minutes\n"


@dataclass(frozen=True, slots=True)
class Section:
    """Parts of the section.

    - `steps`, `afterwards`: the texts in bold, in each numbered step and below the steps
    - `commands`: the lines for the shell that start the sandbox
    - `quoted`, `keys`: below these lines, the texts in quotation marks, and the names of the values to copy
    """

    steps: tuple[tuple[str, ...], ...]
    afterwards: tuple[str, ...]
    quoted: tuple[str, ...]
    keys: tuple[str, ...]
    commands: tuple[str, ...]


def read() -> Section:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    _, _, rest = text.partition(HEADING)
    section, _, _ = rest.partition("\n## ")
    own, _, sandbox = section.partition("Without an Azure of your own")
    _, *steps = re.split(r"^\d\. ", own, flags=re.MULTILINE)
    last, _, afterwards = steps[-1].partition("\n\n")
    before, commands, copied = sandbox.split("```\n")
    assert before
    return Section(
        steps=tuple(tuple(_labels(step)) for step in [*steps[:-1], last]),
        afterwards=tuple(_labels(afterwards)),
        quoted=tuple(re.findall(r"“([^”]+)”", " ".join(copied.split()))),
        keys=tuple(re.findall(r"`(\w+)`", copied)),
        commands=tuple(commands.splitlines()),
    )


def _labels(text: str) -> list[str]:
    return re.findall(r"\*\*([^*]+)\*\*", " ".join(text.split()))
