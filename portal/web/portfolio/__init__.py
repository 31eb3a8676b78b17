"""Every tenant of the person, side by side."""
