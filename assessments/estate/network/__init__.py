"""Facts about networks: which resources the Internet can reach, and which rules allow this. Pure functions."""
