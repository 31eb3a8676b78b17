"""The templates of expected results of controls, such as “Deleted blobs can be restored for at least {number} days”.

No module lists these templates. They are derived from the part `Expected` of controls' docstrings, which has
placeholders for the values of parameters.
"""

from __future__ import annotations

from string import Formatter
from typing import Final

from assessments.controls.declare import Control
from portal.reports.wording.singulars import with_singulars

# Maps the format of a parameter to the words that `Control.expected_with` writes.
_FORMS: Final = {
    "count": "{number}",
    "days": "{number} days",
    "hours": "{number} hours",
    "percent": "{number} %",
}


def expectation_templates(control: Control) -> list[str]:
    """Return the templates of a control's expected result.

    Return no templates if the result contains no parameter, or a parameter whose format is not in `_FORMS`.
    """
    pieces = list(Formatter().parse(control.expectation))
    formats = {form for _, parameter, form, _ in pieces if parameter is not None}
    if not formats or not formats <= _FORMS.keys():
        return []
    return with_singulars("".join(words + (_FORMS[form] if form else "") for words, _, form, _ in pieces))
