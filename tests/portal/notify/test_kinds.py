"""The declared kinds of notification, and the texts and documents that are generated from them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from portal.files.generated_part import END
from portal.notify.event_table import START, replace_event_table
from portal.notify.kinds import KINDS


@pytest.mark.parametrize("key", KINDS)
def test_labels_are_sentence_case_without_a_full_stop(key: str) -> None:
    kind = KINDS[key]
    for label in (kind.label, kind.event_label):
        assert label[0].isupper()
        assert not label.endswith(".")
    assert "you" not in kind.event_label.lower().split()
    assert kind.recipients[0].islower()


def test_the_table_of_events_in_the_documentation_is_current() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "webhooks.md").read_text()
    assert page == replace_event_table(page), "docs/webhooks.md is outdated: run make docs."


def test_a_page_without_markers_is_refused() -> None:
    for page in ("", START, f"{END}{START}"):
        with pytest.raises(ValueError, match="markers"):
            replace_event_table(page)
