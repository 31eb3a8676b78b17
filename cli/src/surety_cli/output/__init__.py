"""The forms in which commands print: tables for people; JSON, SARIF and JUnit for programs."""
