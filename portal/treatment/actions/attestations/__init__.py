"""Answer manual findings, withdraw answers, and record their expiry."""
