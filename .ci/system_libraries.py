"""Find the system libraries and programs that Surety can use. Install missing libraries and programs if that is
permitted.

Surety works without these libraries and programs. One is poppler's pdfsig, which verifies signatures independently of
Surety. With ``--browser``, the script also looks for what only tests use: a Chromium, Java with JAXB for veraPDF,
libfaketime, nginx for the documented reverse proxy, and SoftHSM for signing with a PKCS#11 token. On Debian and Ubuntu,
the script installs missing libraries and programs if it runs as root or if ``sudo -n`` works. Otherwise, the script
prints the commands that install them. The script uses only Python's standard library.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


def has_headless_shell() -> bool:
    return shutil.which("chromium-headless-shell") is not None


def apt_offers(package: str) -> bool:
    """Return whether the package sources of this Debian or Ubuntu offer the package."""
    if shutil.which("apt-cache") is None:
        return False
    shown = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
    return shown.returncode == 0


def has_browser() -> bool:
    if has_headless_shell() or any(
        shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome", "chrome")
    ):
        return True
    return Path("/Applications/Google Chrome.app").exists() or Path("/Applications/Chromium.app").exists()


def has_nginx() -> bool:
    """Return whether nginx is installed. /usr/sbin and /usr/local/sbin are searched too, because often only root has
    these folders in PATH.
    """
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is not None


@dataclass(frozen=True)
class Dependency:
    """A library or program. `debian`, `fedora` and `brew` are the names of its packages on Debian, on Fedora and in
    Homebrew.
    """

    name: str
    purpose: str
    is_installed: Callable[[], bool]
    debian: str
    fedora: str
    brew: str


DEPENDENCIES = [
    Dependency(
        "pdfsig",
        "independent verification of signatures",
        lambda: shutil.which("pdfsig") is not None,
        debian="poppler-utils",
        fedora="poppler-utils",
        brew="poppler",
    ),
]
# {package: service}. Installing one of these packages would start its service, so `not_started` prevents this.
SERVICES = {"nginx-light": "nginx"}
FAKETIME_FOLDERS = (
    "usr/lib/*/faketime",
    "usr/lib64/faketime",
    "usr/lib/faketime",
    "opt/homebrew/lib/faketime",
)
# Programs and libraries that only tests use. A Python package contains veraPDF's engine, but not the Java and JAXB
# that it needs.
FOR_TESTS = [
    Dependency(
        "Java",
        "validation of reports with veraPDF",
        lambda: shutil.which("java") is not None,
        debian="default-jre-headless",
        fedora="java-21-openjdk-headless",
        brew="openjdk",
    ),
    Dependency(
        "JAXB",
        "validation of reports with veraPDF",
        lambda: Path("/usr/share/java/jaxb-runtime.jar").exists(),
        debian="libjaxb-java",
        fedora="jaxb-runtime",
        brew="",
    ),
    Dependency(
        "libfaketime",
        "the test of waiting periods, with a later clock",
        lambda: any(next(Path("/").glob(f"{place}/libfaketime*"), None) for place in FAKETIME_FOLDERS),
        debian="libfaketime",
        fedora="libfaketime",
        brew="libfaketime",
    ),
    Dependency(
        "nginx",
        "the tests of the documented reverse proxy",
        has_nginx,
        debian="nginx-light",
        fedora="nginx-core",
        brew="nginx",
    ),
    Dependency(
        "SoftHSM",
        "the tests of signing with a key in a PKCS#11 token",
        lambda: shutil.which("softhsm2-util") is not None,
        debian="softhsm2",
        fedora="softhsm",
        brew="softhsm",
    ),
]
BROWSER = Dependency("Chromium", "the browser tests", has_browser, "chromium", "chromium", "--cask chromium")

# Chromium's headless shell opens a page in a third of the processor time of the full Chromium. Debian is the only
# supported system that offers the headless shell as a package.
HEADLESS_SHELL = Dependency(
    "Chromium headless shell",
    "the browser tests",
    # If this script cannot install packages, an installed full Chromium is accepted too.
    lambda: has_headless_shell() or (has_browser() and apt_prefix() is None),
    "chromium-headless-shell",
    "chromium",
    "--cask chromium",
)


def browser() -> Dependency:
    """Return the browser that the browser tests should use on this system."""
    wanted = has_headless_shell() or apt_offers(HEADLESS_SHELL.debian)
    return HEADLESS_SHELL if wanted else BROWSER


def apt_prefix() -> list[str] | None:
    """Return the words to put before `apt-get`, so that it runs as root without a password: `sudo -n`, or no words if
    the script already runs as root. Return None if neither is possible, or if there is no apt-get.
    """
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


SYSTEMD = Path("/run/systemd/system")


def install(prefix: list[str], packages: list[str]) -> None:
    """Run apt-get update and install. The caller then checks what is installed."""
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    print(f"Installing {' '.join(packages)} (apt-get)", file=sys.stderr)
    subprocess.run([*quiet, "update"], check=False, stdout=2)
    with not_started(prefix, [SERVICES[package] for package in packages if package in SERVICES]):
        subprocess.run([*quiet, "install", "-y", "--no-install-recommends", *packages], check=False, stdout=2)


@contextmanager
def not_started(prefix: list[str], services: list[str]) -> Iterator[None]:
    """Keep services stopped while the `with` block installs their packages. By default, the installation of nginx,
    for example, starts a server on port 80.
    """

    def run(*command: str) -> None:
        if shutil.which(command[0]):
            subprocess.run([*prefix, *command], check=False, stdout=2)

    for service in services:
        if SYSTEMD.is_dir():
            run("systemctl", "mask", "--runtime", "--quiet", service)
    yield
    for service in services:
        if SYSTEMD.is_dir():
            run("systemctl", "unmask", "--runtime", "--quiet", service)
            run("systemctl", "disable", "--quiet", service)
        else:
            run("service", service, "stop")
            run("update-rc.d", service, "disable")


def install_commands(missing: list[Dependency]) -> str:
    """Return the commands that install the missing dependencies, one line per system."""

    def unique(names: list[str]) -> str:
        return " ".join(dict.fromkeys(name for name in names if name))

    return (
        f"  Debian, Ubuntu:  sudo apt-get install {unique([dependency.debian for dependency in missing])}\n"
        f"  Fedora:          sudo dnf install {unique([dependency.fedora for dependency in missing])}\n"
        f"  macOS:           brew install {unique([dependency.brew for dependency in missing]) or '(nothing)'}"
    )


def main(arguments: list[str]) -> None:
    """Install missing libraries and programs if that is permitted. Otherwise, print the commands that install them."""
    dependencies = [*DEPENDENCIES, *([browser(), *FOR_TESTS] if "--browser" in arguments else [])]
    missing = [dependency for dependency in dependencies if not dependency.is_installed()]
    prefix = apt_prefix() if missing else None
    if missing and prefix is not None:
        install(prefix, [dependency.debian for dependency in missing])
        missing = [dependency for dependency in dependencies if not dependency.is_installed()]
    if not missing:
        return
    for dependency in missing:
        print(f"{dependency.name} ({dependency.purpose}): missing, continuing without it", file=sys.stderr)
    print(f"To install:\n{install_commands(missing)}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
