"""Controls of container registries."""

from typing import Final

# The package cannot be named after this section, because the module `assessments.controls.registry` is the catalogue.
SECTION: Final = "registry"
