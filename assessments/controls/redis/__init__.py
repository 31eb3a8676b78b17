"""Controls of Azure Cache for Redis and Azure Managed Redis."""
