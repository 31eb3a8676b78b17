"""Re-performance: the evidence bundle of a report, and judging it again without a database."""
