"""Controls of the activity log, flow logs and SQL auditing, and of the retention of logs."""
