"""The words and sentences of a report in its language."""
