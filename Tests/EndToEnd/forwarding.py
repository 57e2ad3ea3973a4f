"""As `kubectl port-forward` does: a port of this machine's loopback that leads to a pod."""

import contextlib
import http.client
import re
import socket
import socketserver
import threading


@contextlib.contextmanager
def forwarded(address, port):
    """The local port, while connections to it are relayed to the address and port."""
    class Relay(socketserver.BaseRequestHandler):
        def handle(self):
            with socket.create_connection((address, port), timeout=60) as other:
                other.settimeout(None)
                back = threading.Thread(target=_copy, args=(other, self.request), daemon=True)
                back.start()
                _copy(self.request, other)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextlib.contextmanager
def forwarded_by_kubectl(tool, namespace, target, port):
    """The local port, while kubectl forwards it to `pod/NAME`, or to a pod of `service/NAME`."""
    process = tool.start("kubectl", "port-forward", "-n", namespace, target, f":{port}")
    try:
        line = process.stdout.readline()
        found = re.search(r"127\.0\.0\.1:(\d+)", line)
        assert found, f"kubectl port-forward: {line}{process.stderr.read()}"
        # It tells of each connection, and waits for somebody to read that.
        for stream in (process.stdout, process.stderr):
            threading.Thread(target=stream.read, daemon=True).start()
        yield int(found[1])
    finally:
        process.terminate()
        process.wait()


class Forwards:
    """Ports of pods, each forwarded by one kubectl for as long as that answers. Use as a context manager."""

    def __init__(self, tool):
        self.tool, self.ways = tool, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for key in list(self.ways):
            self._end(key)

    def ask(self, namespace, pod, port, path):
        """As `asked`, of the pod."""
        key = namespace, pod, port
        if key not in self.ways:
            way = contextlib.ExitStack()
            try:
                local = way.enter_context(forwarded_by_kubectl(self.tool, namespace, f"pod/{pod}", port))
            except AssertionError:
                return None
            self.ways[key] = way, local
        answer = asked("127.0.0.1", self.ways[key][1], path)
        if answer is None:
            self._end(key)
        return answer

    def _end(self, key):
        way, _ = self.ways.pop(key)
        way.close()


def asked(address, port, path):
    """What is said there over HTTP, whatever the status; None: nobody answers."""
    connection = http.client.HTTPConnection(address, port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _copy(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
