"""Controls of Redis: Azure Cache for Redis and Azure Managed Redis."""
