"""Actions on channels, on failed deliveries and on a person's preferences. This package also publishes notices about
credentials and exclusions, and deletes old notices, posts and events.
"""
