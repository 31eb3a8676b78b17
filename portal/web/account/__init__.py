"""Pages of the signed-in person's own account, and of entering it. allauth serves the other account pages."""
