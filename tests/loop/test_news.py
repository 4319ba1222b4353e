"""News reach whoever listens, and a signal that brings some never waits for the thread that it interrupts."""

import threading

from cowise.loop.news import Bus


class Interrupted(dict):
    """While somebody is being entered, a signal arrives that has news."""

    def __init__(self, bus):
        super().__init__()
        self.bus = bus

    def __setitem__(self, number, hear):
        super().__setitem__(number, hear)
        self.bus.tell("", "status")


def test_news_of_a_signal_do_not_wait_for_the_thread_that_was_interrupted():
    bus, heard = Bus(), []
    bus._listeners = Interrupted(bus)
    entering = threading.Thread(target=bus.listen, args=(heard.append,), daemon=True)
    entering.start()
    entering.join(5)
    assert not entering.is_alive()
    assert heard == [{"project": "", "what": "status"}]
