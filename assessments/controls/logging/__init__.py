"""Controls of logs: activity log, flow logs, SQL audit, retention."""
