"""Actions that change retention policies, place and lift legal holds, and run deletions."""
