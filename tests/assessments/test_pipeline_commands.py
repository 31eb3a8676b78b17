"""Printed texts give no commands to a CI pipeline, even if several writes together would make a command. In JSON and
XML, the values stay the same.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from assessments import pipeline_commands
from assessments.pipeline_commands import CommandFreeStream, Notation, break_commands, protect_output
from surety_cli import pipeline_commands as copy
from tests.for_each import for_each
from tests.pipeline_agents import AZURE, FORMAT, GITHUB, HOSTILE, commands


def test_the_command_line_has_an_equal_copy() -> None:
    assert Path(copy.__file__).read_bytes() == Path(pipeline_commands.__file__).read_bytes()


@for_each("text", HOSTILE)
def test_broken_texts_contain_no_command_wherever_the_writes_divide_them(text: str) -> None:
    assert commands(text)
    assert commands(break_commands(text)) == []
    for size in range(1, len(text) + 1):
        target = io.StringIO()
        stream = CommandFreeStream(target)
        stream.writelines(text[at : at + size] for at in range(0, len(text), size))
        assert commands(target.getvalue()) == [], size
        assert target.getvalue().replace("_", "") == text


def test_only_commands_are_changed() -> None:
    assert break_commands(AZURE) == "##_vso[task.prependpath]/tmp/x"
    assert break_commands(FORMAT) == "##_[error]failed"
    assert break_commands(GITHUB) == ":_:add-mask::name"
    for ordinary in ("## [x]", "a::b", "#[x]", "2001:db8::1", "C# [x]", ": :", ""):
        assert break_commands(ordinary) == ordinary


@for_each("text", HOSTILE)
def test_json_and_xml_contain_no_command_and_keep_their_values(text: str) -> None:
    value = {text: [text, f"\\{text}"]}
    for ascii_only in (True, False):
        written = break_commands(json.dumps(value, indent=1, ensure_ascii=ascii_only), Notation.JSON)
        assert commands(written) == []
        assert json.loads(written) == value
    element = ET.Element("case", name=text)
    element.text = text
    plain = ET.tostring(element, encoding="unicode")
    written = break_commands(plain, Notation.XML)
    assert commands(written) == []
    read, expected = ET.fromstring(written), ET.fromstring(plain)
    assert (read.attrib, read.text) == (expected.attrib, expected.text)


def test_protected_output(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    protect_output()
    stdout = sys.stdout
    protect_output()
    assert sys.stdout is stdout, "protected once"
    print("Found", AZURE, "and", GITHUB)
    print(GITHUB, "##", FORMAT, sep="", file=sys.stderr)
    printed = capsys.readouterr()
    assert printed.out == f"Found ##_vso[task.prependpath]/tmp/x and {GITHUB}\n"
    assert commands(printed.err) == []
