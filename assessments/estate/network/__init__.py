"""Facts about networks: what the Internet can reach, and through which rules. Pure functions."""
