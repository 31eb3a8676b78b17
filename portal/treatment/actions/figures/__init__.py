"""Count a customer's findings. Store the counts by control and by filter value (for lists), and by day (for trends)."""
