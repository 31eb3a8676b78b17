"""Controls of alert rules, of the recipients of alerts, and of Application Insights."""
