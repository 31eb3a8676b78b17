"""When assessments start and when Azure is watched: timetables, schedules and the watch."""
