"""Event Hubs namespaces."""
