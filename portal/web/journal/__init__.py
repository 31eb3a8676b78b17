"""The tenant's journal: what was done, by whom, and that nobody has changed it since."""
