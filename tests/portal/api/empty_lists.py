"""The lists of the API without objects in the test data."""

from __future__ import annotations

# Lists without objects in the test data. test_report_distribution.py and test_baselines.py read some.
EMPTY_LISTS = {"list_deleted_reports", "list_baseline_deviations"}
