"""Pages of one finding: verdict, treatment, comments and timeline."""
