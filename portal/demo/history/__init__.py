"""Ninety days of history: real assessments of earlier states of the customers' Azure, at the times of these states."""
