"""The same messages to several sessions at once, and the answers of each."""

import select


class Exchange:
    """Sends when it is made; `answers` waits. In between there is time for other work.

    Reads while it still has something to send: a server that cannot get rid of its answers takes no more statements.
    """
    def __init__(self, sessions, sent, count):
        self.sides = [_Side(session, sent, count) for session in sessions]
        for side in self.sides:
            side.send()

    def answers(self, timeout):
        """For each session its answers, each up to and including its ReadyForQuery, and whether it was closed before
        the last; TimeoutError when nothing comes for so many seconds.
        """
        while waiting := [side for side in self.sides if not side.is_done]:
            readable, writable, _ = select.select(waiting, [side for side in waiting if side.unsent], [], timeout)
            if not readable and not writable:
                raise TimeoutError
            for side in writable:
                side.send()
            for side in readable:
                side.receive()
        for side in self.sides:
            side.socket.settimeout(timeout)
        return [(side.found, side.is_closed) for side in self.sides]


class _Side:
    def __init__(self, session, sent, count):
        self.socket, self.unsent, self.count = session.socket, memoryview(sent), count
        self.socket.setblocking(False)
        self.buffer, self.at, self.found, self.is_closed = bytearray(), 0, [], False

    def fileno(self):
        return self.socket.fileno()

    @property
    def is_done(self):
        return self.is_closed or len(self.found) == self.count

    def send(self):
        try:
            self.unsent = self.unsent[self.socket.send(self.unsent):]
        except BlockingIOError:
            pass
        except ConnectionError:
            self.unsent = self.unsent[:0]

    def receive(self):
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if not data:
            self.is_closed = True
            if self.buffer:
                self.found.append(bytes(self.buffer))
            return
        self.buffer += data
        self._take()

    def _take(self):
        """Takes whole answers off the buffer."""
        buffer, at, start = self.buffer, self.at, 0
        while len(buffer) >= at + 5:
            end = at + 1 + int.from_bytes(buffer[at + 1:at + 5])
            if len(buffer) < end:
                break
            if buffer[at] == 0x5A:
                self.found.append(bytes(buffer[start:end]))
                start = end
            at = end
        del buffer[:start]
        self.at = at - start
