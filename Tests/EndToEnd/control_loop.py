"""What the parts of a cluster in miniature have in common: passes over what there is, one after another."""

import threading
import time


class ControlLoop:
    """Use as a context manager. A pass that fails is followed by the next all the same."""

    #: Seconds between two passes.
    INTERVAL = 0.1

    def __init__(self, cluster):
        self.cluster = cluster
        self.is_ending = False
        #: Of the last pass that failed.
        self.failure = None
        self.thread = threading.Thread(target=self._loop, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_ending = True
        self.thread.join()

    def _loop(self):
        while not self.is_ending:
            try:
                self._pass()
            except Exception as error:  # noqa: BLE001 - the API server is asked again
                self.failure = error
            time.sleep(self.INTERVAL)

    def _list(self, path):
        status, _, answer = self.cluster.get(path)
        return answer["items"] if status == 200 else []
