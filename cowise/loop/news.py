"""News of a workspace within one process: whoever listens hears what changed, never a text."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

News = Mapping[str, Any]
"""{"project", "what": "status" | "queue" | "job" | "people", "job"?}: project "" is the workspace itself."""


class Bus:
    """Hands each piece of news to every listener, in the thread of whoever brings it: listeners must not wait.

    >>> heard = []
    >>> bus = Bus()
    >>> leave = bus.listen(heard.append)
    >>> bus.tell("tickets", "queue"); leave(); bus.tell("tickets", "queue")
    >>> heard
    [{'project': 'tickets', 'what': 'queue'}]
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal may bring the last news while its own thread is in here
        self._listeners: dict[int, Callable[[News], object]] = {}
        self._number = 0

    def listen(self, hear: Callable[[News], object]) -> Callable[[], None]:
        """Call `hear` for all that comes; the function returned ends that."""
        with self._lock:
            self._number += 1
            number = self._number
            self._listeners[number] = hear

        def leave() -> None:
            with self._lock:
                self._listeners.pop(number, None)

        return leave

    def tell(self, project: str, what: str, **more: Any) -> None:
        """Bring a piece of news."""
        news: News = {"project": project, "what": what, **more}
        with self._lock:
            listeners = list(self._listeners.values())
        for hear in listeners:
            hear(news)
