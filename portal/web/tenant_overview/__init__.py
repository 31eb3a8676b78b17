"""One tenant: its overview, how it stood from day to day, what changed."""
