"""Templates of the English reasons, remarks and observed values of controls that contain values.

A finding stores the English sentence. A report in another language finds the template of the sentence in the control's
section, and fills the values of the sentence into the translated template (`portal.reports.wording.languages`). The
name of a value says how the value is printed:

- `number`: with the separators of the language; `time`: as a date and time; `dates`: a text in which only the dates are
  rewritten
- `words`, `cause`, `sentence`: a text that is translated too; the template fits only if this text has a translation
- `terms`: several translated texts, with commas and “and” between them; `label`: a text without values inside
- `details`: the name of a collection, and the answer of Azure
- `list`, `permissions`, `networks`: names; only the words “and”, “or” and “to” between them are translated
- values with all other names, such as names, operations and ids, are printed unchanged

Each module has the templates of one section of controls. Sentences without values are in these modules or in
`portal.reports.wording.reason_sentences`. A test fails if a sentence has no translation
(tests/portal/reports/wording/test_german_reasons.py).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Final

from portal.reports.wording.value_templates import TREATMENT, VALUES

# This module has the templates that all sections share: on properties, gaps, network security perimeters and load
# balancers.
_SHARED: Final = "every_section"


def _by_section() -> Iterator[tuple[str, tuple[str, ...]]]:
    for info in pkgutil.iter_modules(__path__):
        templates: tuple[str, ...] = importlib.import_module(f"{__name__}.{info.name}").TEMPLATES
        yield "" if info.name == _SHARED else info.name, templates


TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    # `VALUES` has the templates of observed values, and of values inside reasons and remarks. `TREATMENT` has the
    # templates of sentences on what an exception covers.
    "values": VALUES,
    "treatment": TREATMENT,
    **dict(_by_section()),
}
"""Maps a section of controls to its templates. The templates of “” and “values” are for all sections. The templates of
“treatment” are for no section.
"""
