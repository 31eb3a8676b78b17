"""Templates of the English sentences that controls write: reasons, remarks and observed values, with names in braces in
place of the values.

A finding stores the English sentence. A report in another language finds the template of the sentence in the control's
section, and fills the values of the sentence into the translated template (`portal.reports.wording.languages`). The
name of a value says how the value is printed:

- `number`: with the separators of the language; `time`: as a date and time; `dates`: a text in which only the dates are
  rewritten
- `words`, `cause`, `sentence`: a text that is translated too; the template fits only if this text has a translation
- `terms`: like `words`, but several texts, with commas, “and” or “or” between them
- `label`: like `words`, but the text itself may not contain values
- `details`: the name of a collection, which is translated, and the answer of Azure, which is not
- `list`, `graph`, `permissions`, `networks`: names; only the words “and”, “or” and “to” between them are translated
- any other name: the value is printed unchanged, for example the name of a resource, an operation or an id

Each module has the templates of one section of controls. A section without such sentences needs no module. The forms
with the number 1, such as “1 day” for “{number} days”, are derived, and so are the templates of expected results
(`portal.reports.wording.expectation_templates`). Sentences without values need no template:
`portal.reports.wording.reason_sentences` lists those that the translation tool does not find in the code. This tool
(`.ci/translations.py`) prints each sentence of controls' test cases that fits no template (docs/recipes/translate.md).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Final

from portal.reports.wording.singulars import with_singulars
from portal.reports.wording.value_templates import TREATMENT, VALUES

# The module of this package with the templates that all sections share: on properties, gaps, network security
# perimeters, load balancers and the like.
_SHARED: Final = "every_section"


def _by_section() -> Iterator[tuple[str, tuple[str, ...]]]:
    for info in pkgutil.iter_modules(__path__):
        templates: tuple[str, ...] = importlib.import_module(f"{__name__}.{info.name}").TEMPLATES
        forms = (form for text in templates for form in with_singulars(text))
        yield "" if info.name == _SHARED else info.name, tuple(forms)


TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    # `VALUES` has the templates of observed values, and of values inside reasons and remarks. `TREATMENT` has the
    # templates of sentences on what an exception covers.
    "values": VALUES,
    "treatment": TREATMENT,
    **dict(_by_section()),
}
"""Maps each section of controls to its templates. Three further keys are not sections:

- “” (the module `every_section`) and “values”: templates that all sections share
- “treatment”: templates of sentences that no control writes
"""
