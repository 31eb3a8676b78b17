"""Workers of Celery: the messages that they accept, their heartbeat, and the process that starts them again."""
