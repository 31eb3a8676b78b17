"""Run workers of Celery: check the messages that they accept, check their heartbeat, and start them again."""
