"""Manual controls, and the answers that people gave."""
