"""Write findings as JUnit XML. Each control is a test suite, and each subject is a test case.

A failing finding is a failed case. If an approved exception covers the finding, the case is skipped. Manual findings,
and findings that are not applicable, are skipped cases too. A skipped case states the reason. An unknown verdict is a
case with an error. This module writes XML but never parses XML, so it needs no protection against malicious XML.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TextIO
from xml.etree import ElementTree as ET  # nosec B405

from surety_cli.text import lines_visible, visible
from surety_client.models import Finding, VerdictEnum

_TAGS: Final = ("failure", "error", "skipped")


def write_junit(findings: Iterable[Finding], customer: str, target: TextIO) -> None:
    """Write the test suites. `customer` is the customer's short name, for the attribute `name` of the root element."""
    suites: dict[str, ET.Element] = {}
    counts: dict[str, dict[str, int]] = {}
    for finding in findings:
        suite = suites.get(finding.control)
        if suite is None:
            suite = suites[finding.control] = ET.Element("testsuite", name=visible(finding.title))
            counts[finding.control] = dict.fromkeys(("tests", *_TAGS), 0)
        case = ET.SubElement(
            suite,
            "testcase",
            name=visible(finding.subject_name or finding.subject),
            classname=finding.control,
        )
        counts[finding.control]["tests"] += 1
        tag, message = _outcome(finding)
        if tag:
            counts[finding.control][tag] += 1
            ET.SubElement(case, tag, message=visible(message), type=finding.severity.value).text = _details(
                finding
            )
    root = ET.Element("testsuites", name=f"Surety: {customer}")
    for slug, suite in sorted(suites.items()):
        suite.attrib.update(_attributes(counts[slug]))
        root.append(suite)
    total = {name: sum(one[name] for one in counts.values()) for name in ("tests", *_TAGS)}
    # Leave out “skipped”, because the schema of Jenkins allows this attribute only for a single suite.
    root.attrib.update({name: value for name, value in _attributes(total).items() if name != "skipped"})
    ET.indent(root)
    target.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    target.write(ET.tostring(root, encoding="unicode"))
    target.write("\n")


def _attributes(counts: dict[str, int]) -> dict[str, str]:
    names = {"tests": "tests", "failure": "failures", "error": "errors", "skipped": "skipped"}
    return {name: str(counts[key]) for key, name in names.items()}


def _outcome(finding: Finding) -> tuple[str, str]:
    """Return the name of the XML element for the case's outcome, and the message in this element. Both are
    empty for a passing finding.
    """
    match finding.verdict:
        case VerdictEnum.FAIL if finding.exception:
            return "skipped", f"Exception: {finding.exception}"
        case VerdictEnum.FAIL:
            return "failure", finding.found
        case VerdictEnum.UNKNOWN:
            return "error", finding.found
        case VerdictEnum.PASS:
            return "", ""
        case _:
            return "skipped", finding.state


def _details(finding: Finding) -> str:
    lines = [
        f"Subject: {visible(finding.subject)}",
        f"Subscription or directory: {visible(finding.unit_name)}",
        f"Expected: {visible(finding.expected)}",
        f"Observed: {visible(finding.observed)}",
    ]
    if finding.known_with:
        lines.append(f"To get a verdict: {visible(finding.known_with)}")
    if finding.fix:
        lines.append(f"Fix:\n{lines_visible(finding.fix)}")
    return "\n".join(lines)
