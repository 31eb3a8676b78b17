"""The combined fix of several findings has each step once, with the commands for each finding. Its size is limited."""

from __future__ import annotations

import subprocess

from assessments.controls.registry import catalogue
from assessments.fixes.combine import MAX_FINDINGS, _packed, combine
from assessments.fixes.declare import Fix, command
from assessments.fixes.facts import Facts
from assessments.fixes.render import BASH, RenderedStep, render
from assessments.fixes.variables import Variable
from tests.assessments.fixes.rendered import DIRECTORY, SUBSCRIPTION, S, fix_of


def account(name: str, cloud: str = "AzureCloud", directory: str = DIRECTORY) -> Facts:
    subject = f"{S}/resourceGroups/rg-shop/providers/Microsoft.Storage/storageAccounts/{name}"
    return Facts(subject, {}, directory, cloud)


def test_one_step_has_the_commands_of_all_findings() -> None:
    combined = combine(fix_of(), [account("stone"), account("sttwo")])
    (step,) = combined.fix.steps
    assert step.text.replace(" \\\n ", "").splitlines() == [
        f"az storage account update --resource-group rg-shop --name {name} --https-only true"
        f" --subscription {SUBSCRIPTION}"
        for name in ("stone", "sttwo")
    ]
    assert "› the storage account ›" in combined.fix.portal
    assert combined.is_complete


def test_the_portal_path_of_one_finding_has_its_name() -> None:
    assert "› stone ›" in combine(fix_of(), [account("stone")]).fix.portal


def test_a_variable_is_assigned_once_for_all_findings() -> None:
    group = Variable("log_group", "Group", "rg")
    fix = Fix(command("az x --name {account} --log-group {log_group}"), variables=[group])
    text = "\n".join(step.text for step in combine(fix, [account("stone"), account("sttwo")]).fix.steps)
    assert text.count("LOG_GROUP=''") == 1
    assert text.count('"${LOG_GROUP:?}"') == 2


def test_findings_beyond_the_limits_are_counted() -> None:
    accounts = [account(f"st{number}") for number in range(MAX_FINDINGS + 2)]
    combined = combine(fix_of(), accounts)
    assert (combined.findings, combined.of, combined.is_complete) == (MAX_FINDINGS, MAX_FINDINGS + 2, False)
    short = combine(fix_of(), accounts, max_lines=2)
    assert short.findings == 1
    assert "st1 " not in short.fix.steps[0].text


def test_keys_of_several_accounts_are_never_regenerated_together() -> None:
    findings = [
        Facts(account(name).subject, {"oldKeys": ["key1", "key2"]}, DIRECTORY, "AzureCloud")
        for name in ("stone", "sttwo")
    ]
    combined = combine(fix_of("storage-key-rotation"), findings)
    assert (combined.findings, combined.of) == (1, 2)
    assert [step.text.count("keys renew") for step in combined.fix.steps] == [1, 1]


def test_one_policy_covers_the_roles_of_all_people() -> None:
    held = {
        "intune": "3a2c62db-5318-420d-8d74-23affee5d9d5",
        "teams": "69091246-20e8-4a56-aa4d-066075b2a7a8",
        "reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    }
    people = [
        Facts(
            f"directory:{DIRECTORY}/users/{DIRECTORY[:-2]}{number:02d}",
            {"roles": [role]},
            DIRECTORY,
            "AzureCloud",
        )
        for number, role in enumerate([*held.values()] * 4)
    ]
    combined = combine(fix_of("identity-mfa-privileged"), people)
    text = "\n".join(step.text for step in combined.fix.steps)
    assert text.count("conditionalAccess/policies'") + text.count('conditionalAccess/policies"') == 1
    assert all(role in text for role in held.values())
    assert combined.findings == combined.of == 12


def test_the_first_step_is_whole_and_later_steps_are_counted_when_they_are_too_long() -> None:
    combined = combine(fix_of("identity-mfa-privileged"), [Facts(f"directory:{DIRECTORY}")], max_lines=5)
    assert len(combined.fix.steps) == 1
    assert combined.steps_left_out == 1
    assert combined.fix.steps[0].text.endswith("}")


def test_a_name_that_one_finding_lacks_is_not_asked_for_all_findings() -> None:
    combined = combine(fix_of(), [account("stone"), account("-oops")])
    assert "ACCOUNT" not in combined.fix.steps[0].text
    assert (combined.findings, combined.of) == (1, 2)


def test_each_sovereign_directory_is_signed_in_to() -> None:
    other = "90000000-0000-0000-0000-000000000008"
    cloud = "AzureUSGovernment"
    findings = [account("stone", cloud), account("sttwo", cloud, other)]
    text = "\n".join(step.text for step in combine(fix_of(), findings).fix.steps)
    places = [text.index(word) for word in (DIRECTORY, "stone", other, "sttwo")]
    assert places == sorted(places)


def test_packed_commands_have_the_same_words_as_those_of_a_page() -> None:
    facts = Facts(cloud="AzureCloud")
    script = []
    for slug, control in catalogue().items():
        packed = combine(control.fix, [facts], max_lines=1000).fix.commands
        for step, shown in zip(render(control.fix, facts).commands, packed, strict=True):
            assert joined(step.text) == joined(shown.text), slug
            script += [shown.text] if shown.language == BASH else []
    done = subprocess.run(
        ["bash", "-n"], input="\n".join(script), text=True, capture_output=True, check=False
    )
    assert done.stderr == ""


def joined(text: str) -> str:
    """Return commands without spaces and line breaks, and without the marks that continue a command or a comment on the
    next line.
    """
    for mark in ("'\\\n'", " \\\n", "\\\n", "`\n"):
        text = text.replace(mark, "")
    return "".join(text.replace("#", "").split())


def test_no_line_of_a_command_is_wider_than_a_page() -> None:
    group, vault = f"rg-{'long-' * 14}name", f"kv-{'x' * 20}"
    subject = f"{S}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{vault}"
    for slug, control in catalogue().items():
        for step in combine(
            control.fix, [Facts(subject, cloud="AzureCloud", directory=DIRECTORY)]
        ).fix.commands:
            for line in step.text.splitlines():
                # Texts in double quotation marks, and lines of JSON, are not wrapped, so their lines may be longer.
                if len(line) > 103 and line.count('"') < 2:
                    raise AssertionError(f"{slug}: {line}")


def test_bash_reads_a_wrapped_command_with_the_words_of_the_whole_command() -> None:
    body = '{"properties": {"text": "' + "a b " * 60 + '", "id": "' + f"{S}/resourceGroups/rg" * 3 + '"}}'
    words = [
        "--condition category=Administrative and operationName=Microsoft.Network/networkSecurityGroups/delete",
        f"--ids {S}/resourceGroups/{'rg-' * 25}x/providers/Microsoft.Web/sites/{'app-' * 20}y",
        f'--url {S}/locations/"${{REGION:?}}"/policies/{"name-" * 20}',
        f"--body '{body}' --empty '' --more \"two words\"",
    ]
    whole = f"printf '%s\\n' {' '.join(words)}"
    step = RenderedStep("", BASH, " \\\n  ".join(["printf '%s\\n'", *words]), ())
    text = _packed(step)
    assert max(map(len, text.splitlines())) <= 103
    assert run_bash(text) == run_bash(whole)


def run_bash(script: str) -> str:
    done = subprocess.run(
        ["bash"], input=f"REGION=westeurope\n{script}\n", text=True, capture_output=True, check=True
    )
    return done.stdout
