"""Controls of Azure AI Search."""
