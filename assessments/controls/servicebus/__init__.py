"""Controls of Service Bus namespaces."""
