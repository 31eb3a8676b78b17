"""Models of configuration files."""

from portal.configuration.models.configuration_file import ConfigurationFile

__all__ = ["ConfigurationFile"]
