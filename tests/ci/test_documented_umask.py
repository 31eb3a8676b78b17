"""The documented commands set the right umask: the system user can read the files that root installs, and nobody but
the owner of a backup can read the backup.
"""

from __future__ import annotations

import re
import subprocess
import textwrap

from portal.settings.env import BASE_DIR

OPERATIONS = BASE_DIR / "docs" / "operations"
PROGRAMS = ("useradd", "git", "make", "pg_dump", "pg_restore")


def umasks(page: str, word: str, before: str) -> list[str]:
    """Run the page's first code block that contains `word`, with fake programs and the umask `before`. Return each
    program that the block calls, with its umask.
    """
    text = (OPERATIONS / page).read_text(encoding="utf-8")
    block = next(found for found in re.findall(r"```\n(.*?)```", text, re.DOTALL) if word in found)
    fakes = "".join(f"{name}() {{ echo {name} $(umask); }}\n" for name in PROGRAMS)
    script = f"umask {before}\ncd() {{ :; }}\n{fakes}{textwrap.dedent(block)}"
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_system_user_can_read_what_root_installs_on_a_hardened_server() -> None:
    assert umasks("installing.md", "git clone", "077")[1:] == ["git 0022", "make 0022"]
    (step,) = re.findall(r"^3\. Install the release:.*?^4\.", _upgrades(), re.DOTALL | re.MULTILINE)
    assert step.index("umask 022") < step.index("Git") < step.index("make runtime")


def test_a_backup_is_private_and_does_not_change_the_session_in_which_an_upgrade_follows() -> None:
    found = umasks("backups-and-upgrades.md", "pg_dump", "022")
    assert found == ["pg_dump 0077", "pg_restore 0022"]


def _upgrades() -> str:
    return (OPERATIONS / "backups-and-upgrades.md").read_text(encoding="utf-8").partition("## Upgrades")[2]
