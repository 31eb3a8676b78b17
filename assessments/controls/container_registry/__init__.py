"""Controls of container registries."""

from typing import Final

# `assessments.controls.registry` is the catalogue, so this package cannot have the name of its section.
SECTION: Final = "registry"
