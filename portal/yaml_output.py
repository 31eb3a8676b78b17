"""YAML whose texts can be printed in the log of a pipeline without being changed."""

from __future__ import annotations

import yaml


class PrintableDumper(yaml.SafeDumper):
    """Writes a text in double quotation marks if a pipeline could take it for a command.

    Texts in double quotation marks have the same escapes in YAML as in JSON. So the meaning of the whole YAML does
    not change if it goes through `break_commands(text, Notation.JSON)`.
    """


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if "##" in text or "::" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


PrintableDumper.add_representer(str, _text)
