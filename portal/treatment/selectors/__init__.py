"""What pages and reports read of treatment, by area."""
