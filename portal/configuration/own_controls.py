"""Read the YAML of an own control, and find the problems in it with their lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from assessments.own.cases import wrong_cases
from assessments.own.definition import Flaw, flaws
from portal.configuration.problems import Problem, UnusableFile
from portal.configuration.yaml_text import Document, read
from tenants.models import Organization

MAX_CHARACTERS: Final = 32_000
EXAMPLE: Final = """\
control: {prefix}storage-owner-tag
title: Storage accounts name their owner
problem: Storage account without an owner
severity: low
why: Without an owner, nobody decides who may read the data.
subjects: storage_accounts
pass_when:
  tag: owner
  matches: ".+"
  absent: false
fix: Set the tag “owner” to the team that decides about the data.
cases:
  - name: with an owner
    document:
      tags:
        owner: Team Data
    verdict: pass
  - name: without tags
    document:
      location: westeurope
    verdict: fail
"""


def read_control(text: str, organization: Organization) -> Any:
    """Return the content of an own control's YAML. Raise UnusableFile with all problems, each with its line."""
    if len(text) > MAX_CHARACTERS:
        raise UnusableFile([Problem(0, f"Shorten the definition to at most {MAX_CHARACTERS:,} characters.")])
    if not text.strip():
        raise UnusableFile(
            [Problem(0, "Enter the definition of the control. The page “Write control” shows an example.")]
        )
    document = read(text.encode())
    if found := flaws(document.data, organization.slug):
        raise UnusableFile(_with_lines(document, found))
    return document.data


def problems_of_cases(text: str, data: Any) -> list[Problem]:
    """Evaluate the cases of an own control: example resources with an expected verdict. Return a problem, with its
    line, for each case in which the control reaches another verdict.
    """
    return _with_lines(read(text.encode()), wrong_cases(data))


def _with_lines(document: Document, found: Iterable[Flaw]) -> list[Problem]:
    return sorted(Problem(document.line(flaw.path), flaw.message) for flaw in found)
