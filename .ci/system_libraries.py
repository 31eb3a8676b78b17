"""Look for the system's libraries and programs Surety needs; install what is missing where that is allowed.

Needed: Pango, HarfBuzz-subset and a font (WeasyPrint makes the reports with them). Wanted: poppler's pdfsig
(a second opinion on signatures) and, with ``--browser``, Chromium (browser tests). On Debian and Ubuntu, as
root or where ``sudo -n`` works, they are installed; else the exact command is printed. Standard library only.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def loads(*names: str) -> bool:
    """Whether one of the names of a shared library can be loaded."""
    folders = ("", "/opt/homebrew/lib/", "/usr/local/lib/") if sys.platform == "darwin" else ("",)
    for name in (folder + name for folder in folders for name in names):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


def has_font() -> bool:
    if sys.platform == "darwin":
        return True
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
    return any(next(folder.rglob("*.[to]tf"), None) for folder in folders if folder.is_dir())


def has_browser() -> bool:
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome", "chrome")):
        return True
    return Path("/Applications/Google Chrome.app").exists() or Path("/Applications/Chromium.app").exists()


@dataclass(frozen=True)
class Part:
    name: str
    why: str
    present: Callable[[], bool]
    debian: str
    fedora: str
    brew: str
    needed: bool = True


PARTS = [
    Part(
        "Pango",
        "reports",
        lambda: loads("libpango-1.0.so.0", "libpango-1.0.0.dylib"),
        debian="libpango-1.0-0",
        fedora="pango",
        brew="pango",
    ),
    Part(
        "PangoFT2",
        "reports",
        lambda: loads("libpangoft2-1.0.so.0", "libpangoft2-1.0.0.dylib"),
        debian="libpangoft2-1.0-0",
        fedora="pango",
        brew="pango",
    ),
    Part(
        "HarfBuzz subset",
        "reports",
        lambda: loads("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
        debian="libharfbuzz-subset0",
        fedora="harfbuzz",
        brew="harfbuzz",
    ),
    Part("a font", "reports", has_font, debian="fonts-dejavu-core", fedora="dejavu-sans-fonts", brew=""),
    Part(
        "pdfsig",
        "a second opinion on signatures",
        lambda: shutil.which("pdfsig") is not None,
        debian="poppler-utils",
        fedora="poppler-utils",
        brew="poppler",
        needed=False,
    ),
]
BROWSER = Part(
    "Chromium", "the browser tests", has_browser, "chromium", "chromium", "--cask chromium", needed=False
)


def installer() -> list[str] | None:
    """How to call apt-get here without asking anybody, None where that is not possible."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def install(prefix: list[str], packages: list[str]) -> None:
    """apt-get update and install; a failure is seen by looking again."""
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    print(f"Installing {' '.join(packages)} (apt-get)", file=sys.stderr)
    subprocess.run([*quiet, "update"], check=False, stdout=2)
    subprocess.run([*quiet, "install", "-y", "--no-install-recommends", *packages], check=False, stdout=2)


def commands(missing: list[Part]) -> str:
    """What a person can type, for the systems we know."""

    def unique(names: list[str]) -> str:
        return " ".join(dict.fromkeys(name for name in names if name))

    return (
        f"  Debian, Ubuntu:  sudo apt-get install {unique([part.debian for part in missing])}\n"
        f"  Fedora:          sudo dnf install {unique([part.fedora for part in missing])}\n"
        f"  macOS:           brew install {unique([part.brew for part in missing]) or '(nothing)'}"
    )


def main(arguments: list[str]) -> int:
    """0 when all that is needed is there, 1 otherwise."""
    parts = [*PARTS, *([BROWSER] if "--browser" in arguments else [])]
    missing = [part for part in parts if not part.present()]
    prefix = installer() if missing else None
    if missing and prefix is not None:
        needed = [part.debian for part in missing if part.needed]
        wanted = [part.debian for part in missing if not part.needed]
        # Apart, so that a wanted package this system does not have spoils nothing.
        for packages in (needed, wanted):
            if packages:
                install(prefix, packages)
        missing = [part for part in parts if not part.present()]
    if not missing:
        return 0
    for part in missing:
        degree = "missing" if part.needed else "missing, going on without"
        print(f"{part.name} ({part.why}): {degree}", file=sys.stderr)
    print(f"Install with\n{commands(missing)}", file=sys.stderr)
    return 1 if any(part.needed for part in missing) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
