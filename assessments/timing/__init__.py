"""Timetables and schedules of assessments, and the watch between assessments."""
