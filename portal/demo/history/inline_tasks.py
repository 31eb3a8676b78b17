"""Run background tasks in this process, because its clock shows a time of the history. The clocks of the workers show
the present time.
"""

from __future__ import annotations

from queue import Empty
from typing import Any

from portal.celery import app


def keep_tasks_here() -> None:
    """Send the tasks of this process to a queue in memory, which no worker reads."""
    app.conf.update(broker_url="memory://", broker_transport_options={}, broker_use_ssl=False)
    app.loader.import_default_modules()


def run_tasks() -> None:
    """Run the waiting tasks, and then the tasks that they send, until no task is waiting.

    A task that waits several times with the same arguments runs once: such tasks bring something up to date, so a
    second run would change nothing.
    """
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(app.conf.task_default_queue)
        while waiting := _received(queue):
            for name, arguments, keywords in waiting:
                app.tasks[name].apply(args=tuple(arguments), kwargs=keywords, throw=True)
        queue.close()


def _received(queue: Any) -> list[tuple[str, list[Any], dict[str, Any]]]:
    """Remove all tasks from the queue. Return the name, arguments and keyword arguments of each different task."""
    found: list[tuple[str, list[Any], dict[str, Any]]] = []
    while True:
        try:
            message = queue.get(block=False)
        except Empty:
            return found
        arguments, keywords, _ = message.payload
        task = message.headers["task"], arguments, keywords
        if task not in found:
            found.append(task)
        message.ack()
