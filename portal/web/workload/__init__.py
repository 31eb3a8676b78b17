"""Who does what: load and overdue findings of each owner."""
