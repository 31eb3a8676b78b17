"""Run background tasks in this process, because its clock shows a time of the history. The clocks of the workers show
the present time.
"""

from __future__ import annotations

from queue import Empty

from portal.celery import app


def keep_tasks_here() -> None:
    """Send the tasks of this process to a queue in memory, which no worker reads."""
    app.conf.update(broker_url="memory://", broker_transport_options={}, broker_use_ssl=False)
    app.loader.import_default_modules()


def run_tasks() -> None:
    """Run the waiting tasks, and then the tasks that they send, until no task is waiting."""
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(app.conf.task_default_queue)
        while True:
            try:
                message = queue.get(block=False)
            except Empty:
                break
            arguments, keywords, _ = message.payload
            app.tasks[message.headers["task"]].apply(args=arguments, kwargs=keywords, throw=True)
            message.ack()
        queue.close()
