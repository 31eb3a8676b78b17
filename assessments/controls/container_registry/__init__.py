"""Controls of container registries."""

from typing import Final

# The section of the catalogue to which these controls belong. Usually, the package of a section has the section's name.
# Here that name is taken: the module `assessments.controls.registry` contains the catalogue itself.
SECTION: Final = "registry"
