"""Logging: activity log, flow logs, SQL audit, retention."""
