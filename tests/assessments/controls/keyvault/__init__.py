"""Key vaults."""
