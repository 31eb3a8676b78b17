"""Timetables, schedules and the watch, which decide when assessments start and when Azure is watched."""
