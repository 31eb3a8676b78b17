"""Write files that list the options of Azure CLI commands. Tests compare the commands in the fixes of controls with
these files.

Run the script with the Python of an environment that has azure-cli. azure-cli needs half a gigabyte, so it is no
dependency of Surety:

    python -m venv /tmp/azure-cli && /tmp/azure-cli/bin/pip install azure-cli
    /tmp/azure-cli/bin/python .ci/az_commands.py "storage account update" "vm update" …

Each file has the commands of one group, such as `storage`, and names the version of azure-cli. The script adds the
given commands to the file of their group, and reads the options of all commands in this file anew.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "assessments" / "fixes" / "az_commands"


def options(command: Any) -> dict[str, Any]:
    """Return {spelling: facts} of the options of one command. Each spelling of an option is a key, such as `-g` and
    `--resource-group`.

    The facts of a required option contain {"required": all spellings of the option}. The facts of an option with fixed
    values contain {"choices": these values}.
    """
    found = {}
    for argument in command.arguments.values():
        settings = argument.type.settings
        names = [getattr(name, "target", name) for name in settings.get("options_list") or []]
        facts: dict[str, Any] = {}
        if settings.get("required"):
            facts["required"] = sorted(names)
        if settings.get("choices"):
            facts["choices"] = sorted(map(str, settings["choices"]))
        found.update({name: facts for name in names if name.startswith("-")})
    return dict(sorted(found.items()))


def main() -> None:
    """Read the commands from the installed azure-cli and write the files."""
    # These modules exist only in the environment of azure-cli.
    from azure.cli.core import __version__, get_default_cli
    from azure.cli.core.file_util import create_invoker_and_load_cmds_and_args

    wanted = set(sys.argv[1:])
    for group in {name.partition(" ")[0] for name in wanted}:
        file = FOLDER / f"{group}.json"
        if file.exists():
            wanted |= set(json.loads(file.read_text(encoding="utf-8"))["commands"])
    cli = get_default_cli()
    create_invoker_and_load_cmds_and_args(cli)
    table = cli.invocation.commands_loader.command_table
    if missing := sorted(wanted - set(table)):
        sys.exit(f"azure-cli {__version__} has no command {', '.join(missing)}")
    for group, names in itertools.groupby(sorted(wanted), key=lambda name: name.partition(" ")[0]):
        facts = {name: options(table[name]) for name in names}
        text = json.dumps({"azure-cli": __version__, "commands": facts}, indent=1, sort_keys=True)
        (FOLDER / f"{group}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
