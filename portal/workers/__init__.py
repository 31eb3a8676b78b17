"""Run Celery workers: refuse messages that Surety did not send, watch the workers' heartbeats, and restart workers."""
