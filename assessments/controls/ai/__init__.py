"""Controls of Azure AI services."""
