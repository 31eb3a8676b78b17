"""Service Bus namespaces."""
