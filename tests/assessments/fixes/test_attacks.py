"""Names from Azure stay text: a person who names a resource cannot make a fix run another command."""

from __future__ import annotations

import json
from pathlib import Path

from assessments.fixes.declare import Fix, command, graph
from assessments.fixes.facts import Facts
from assessments.fixes.quoting import is_plain, powershell
from assessments.fixes.render import RenderedStep, render
from assessments.fixes.variables import Variable
from tests.assessments.fixes.shell import nodes, parse_powershell, run, with_examples
from tests.for_each import for_each

NAME = Variable("rule", "Name of the rule", "office", known=lambda facts: facts.text("rule"))
CLI = Fix(
    command(
        "az network nsg rule delete --name {rule} --nsg-name a/{rule} --tags {tags}",
        bodies={"tags": {"r": "{rule}"}},
    ),
    portal="Azure portal › {rule}",
    variables=[NAME],
)
GRAPH = Fix(
    graph("PATCH", "/v1.0/users/{rule}", "User.ReadWrite.All", body={"name": "{rule}"}),
    portal="Entra admin center › {rule}",
    variables=[NAME],
)
# Names that every shell treats as text if they are quoted.
NASTY = (
    "a; touch pwned",
    "a; rm -rf ~",
    "$(touch pwned)",
    "`touch pwned`",
    "a' ; touch pwned ; '",
    "a'\"; touch pwned; \"'",
    "a\\",
    "a\\'; touch pwned #",
    "a && touch pwned",
    "a | touch pwned",
    "a > pwned",
    "!touch",
    "*",
    "~",
    "a b --yes",
    "x --output none; touch pwned",
    "${HOME}",
    "{rule}",
    "{tags}",
    "%PATH%",
    'a`"$(New-Item pwned)',
    "'@; New-Item pwned; @'",
    "\u2019; New-Item pwned; \u2019",
    "\u201d; New-Item pwned; \u201c",
    "né – 名",
)
# Names that are not filled in. Even in quotation marks, they could harm a terminal or the Azure CLI.
REFUSED = (
    "--yes",
    "-n",
    "@/etc/passwd",
    "@~/.ssh/id_rsa",
    "a\ntouch pwned",
    "a\rtouch pwned",
    "a\x1b[201~touch pwned",
    "a\x00b",
    "a\u202eb",
    "a\u2028b",
    "a\u200bb",
    "x" * 2000,
    "[redacted]",
    "",
)


def only(fix: Fix, value: str) -> RenderedStep:
    (step,) = render(fix, Facts(observed={"rule": value})).steps
    return step


@for_each("value", NASTY)
def test_bash_passes_a_name_on_as_it_is(value: str, tmp_path: Path) -> None:
    calls = run(only(CLI, value).text, tmp_path)
    assert len(calls) == 1
    words = calls[0]
    assert words[:6] == ["network", "nsg", "rule", "delete", "--name", value]
    assert words[7] == f"a/{value}"
    assert not (tmp_path / "pwned").exists()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["calls", "script"]


@for_each("value", NASTY)
def test_a_name_in_a_json_body_is_the_same_text(value: str, tmp_path: Path) -> None:
    (words,) = run(only(CLI, value).text, tmp_path)
    assert json.loads(words[-1]) == {"r": value}


@for_each("value", NASTY)
def test_no_name_adds_a_command_to_a_powershell_script(value: str) -> None:
    tree = parse_powershell(only(GRAPH, value).text)
    assert nodes(tree, "command_name") == ["Connect-MgGraph", "Invoke-MgGraphRequest"]


@for_each("value", REFUSED)
def test_a_name_that_no_quoting_makes_harmless_is_left_to_a_person(value: str, tmp_path: Path) -> None:
    assert not is_plain(value)
    step = only(CLI, value)
    assert step.open == ("RULE",)
    assert not value or value not in step.text.replace("--name", "").replace("--nsg-name", "")
    (words,) = run(with_examples(step.text), tmp_path)
    assert words[5] == "office"
    assert only(GRAPH, value).open == ("$Rule",)
    parse_powershell(only(GRAPH, value).text)


def test_powershell_doubles_every_mark_that_it_takes_for_a_quotation_mark() -> None:
    assert powershell("a'b\u2018c\u2019d\u201ae\u201bf") == (
        "'a''b\u2018\u2018c\u2019\u2019d\u201a\u201ae\u201b\u201bf'"
    )


def test_powershell_fills_nothing_into_a_known_name_beside_a_variable() -> None:
    fix = Fix(
        graph(
            "PATCH",
            "/v1.0/users/{user_id}",
            "User.ReadWrite.All",
            body={"name": "{rule}", "other": "{other}"},
        ),
        portal="Entra admin center",
        variables=[NAME, Variable("other", "Another value", "b")],
    )
    text = only(fix, "$(New-Item pwned) `$HOME $env:PATH").text
    assert "`$(New-Item pwned) ```$HOME `$env:PATH" in text
    assert '"other": "$Other"' in text
