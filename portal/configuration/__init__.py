"""An organization's settings as a YAML file: export, plan and apply, by page and by command."""
