"""Facts about networks: which resources the Internet can reach, and which rules let it in. Pure functions."""
