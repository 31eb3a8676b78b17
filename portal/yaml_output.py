"""Write YAML for the log of a pipeline. The log could take a text with “##” or “::” for a command. So such texts are
written in double quotation marks, within which `break_commands` can replace these characters by escapes.
"""

from __future__ import annotations

import yaml


class PrintableDumper(yaml.SafeDumper):
    """Writes a text in double quotation marks if the log of a pipeline could take it for a command.

    The escapes in such texts are the same in YAML as in JSON. So `break_commands(text, Notation.JSON)` can be applied
    to the whole YAML without changing its meaning.
    """


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if "##" in text or "::" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


PrintableDumper.add_representer(str, _text)
