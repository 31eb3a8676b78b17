"""Write YAML for the log of a pipeline. The pipeline could mistake a text with “##” or “::” for a command. Such a text
is written in double quotation marks, so that `break_commands` can replace “##” and “::” by escapes.
"""

from __future__ import annotations

import yaml


class PrintableDumper(yaml.SafeDumper):
    """Writes a text in double quotation marks if a pipeline could mistake it for a command in its log.

    A text in double quotation marks has the same escapes in YAML as in JSON. So `break_commands(text, Notation.JSON)`
    does not change the meaning of the YAML.
    """


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if "##" in text or "::" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


PrintableDumper.add_representer(str, _text)
