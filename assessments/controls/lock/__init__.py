"""Controls of resource locks."""
