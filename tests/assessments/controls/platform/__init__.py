"""Services of several kinds."""
