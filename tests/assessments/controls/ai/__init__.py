"""Azure AI services."""
