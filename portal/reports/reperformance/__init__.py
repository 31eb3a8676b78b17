"""Re-performance: writing the evidence bundle of a report, and judging its evidence again without a database."""
