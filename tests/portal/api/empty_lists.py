"""The lists of the API for which the test data have no objects."""

from __future__ import annotations

# test_report_distribution.py and test_baselines.py create objects of these lists.
EMPTY_LISTS = {"list_deleted_reports", "list_baseline_deviations"}
