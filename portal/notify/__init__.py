"""Telling people and systems: e-mail, Teams, Slack, signed webhooks. On commit, and nothing twice."""
