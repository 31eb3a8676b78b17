"""Write the output of commands: tables for people, and JSON, SARIF and JUnit for programs."""
