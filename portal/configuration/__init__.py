"""Configuration files: the settings of an organization as YAML. A page and a command export, plan and apply them."""
