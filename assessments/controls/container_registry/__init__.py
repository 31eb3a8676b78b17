"""Controls of container registries."""

from typing import Final

# The package cannot have the name of its section of the catalogue: `assessments.controls.registry` is another module,
# which contains the catalogue itself.
SECTION: Final = "registry"
