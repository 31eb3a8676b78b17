"""Re-performance: write the evidence bundle of a report, and judge the evidence again without a database."""
