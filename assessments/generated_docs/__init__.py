"""Build the pages of docs/ about controls and requests to Azure. Pure, deterministic functions."""
