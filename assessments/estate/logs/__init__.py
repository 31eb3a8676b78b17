"""Facts about logs and alerts: which events are recorded, where logs are stored, and who is notified. Pure
functions.
"""
