"""Why a subscription or directory was not read, and why a failure could not be checked again, in German reports."""

from __future__ import annotations

from html import unescape

import pytest

from assessments.actions.units.lease import MAX_ATTEMPTS
from assessments.collect.sign_in.refusals import (
    KNOWN,
)
from portal.reports.templatetags.pdf import trouble_stated
from portal.reports.wording.languages import printed_in, translated
from portal.reports.wording.unread_texts import TEXTS


def test_texts_about_an_unread_unit_are_german() -> None:
    with printed_in("de"):
        assert [text for text in TEXTS if translated(text) == text] == []


@pytest.mark.parametrize(
    ("trouble", "german"),
    [
        (
            (
                f"worker_died: The workers that ran this unit stopped unexpectedly {MAX_ATTEMPTS} times. Check their"
                " logs and memory limits, then retry the assessment."
            ),
            "worker_died: Die Worker, die diese Einheit prüften, endeten fünfmal unerwartet. Prüfen Sie",
        ),
        (f"AADSTS7000222: {KNOWN[7000222][1]}", "AADSTS7000222: Der geheime Schlüssel ist abgelaufen."),
    ],
)
def test_the_code_before_a_text_stays(trouble: str, german: str) -> None:
    with printed_in("de"):
        assert str(trouble_stated(trouble)).startswith(german)
    with printed_in("en"):
        assert unescape(str(trouble_stated(trouble))) == trouble


def test_unknown_texts_are_marked_as_english() -> None:
    with printed_in("de"):
        assert 'lang="en"' in str(trouble_stated("odd_code: Something else happened"))


@pytest.mark.parametrize(
    ("reason", "german"),
    [
        (
            "Could not be checked again: Not collected in this assessment (Storage accounts, worker_died)",
            "Konnte nicht erneut geprüft werden: In dieser Prüfung nicht gesammelt (Speicherkonten, worker_died)",
        ),
        (
            "Could not be checked again: The service principal could not sign in (Storage accounts, AADSTS7000222)",
            (
                "Konnte nicht erneut geprüft werden: Der Dienstprinzipal konnte sich nicht anmelden "
                "(Speicherkonten, AADSTS7000222)"
            ),
        ),
        (
            (
                "Could not be checked again: Missing permission Microsoft.Storage/storageAccounts/read "
                "(Storage accounts, 403)"
            ),
            (
                "Konnte nicht erneut geprüft werden: Fehlende Berechtigung Microsoft.Storage/storageAccounts/read "
                "(Speicherkonten, 403)"
            ),
        ),
    ],
)
def test_failures_that_could_not_be_checked_again(reason: str, german: str) -> None:
    with printed_in("de"):
        assert translated(reason, "storage") == german
