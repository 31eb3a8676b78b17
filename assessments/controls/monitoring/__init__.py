"""Controls of monitoring: alert rules, their recipients, and Application Insights."""
