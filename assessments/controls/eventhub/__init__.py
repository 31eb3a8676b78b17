"""Controls of Event Hubs namespaces."""
