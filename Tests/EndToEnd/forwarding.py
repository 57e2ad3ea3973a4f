"""As `kubectl port-forward` does: a port of this machine's loopback that leads to a pod."""

import contextlib
import re
import socket
import socketserver
import threading


@contextlib.contextmanager
def forwarded(address, port):
    """The local port, while connections to it are relayed to the address and port."""
    class Relay(socketserver.BaseRequestHandler):
        def handle(self):
            with socket.create_connection((address, port), timeout=10) as other:
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
def forwarded_by_kubectl(tool, namespace, service, port):
    """The local port, while kubectl forwards it to a pod of the service."""
    process = tool.start("kubectl", "port-forward", "-n", namespace, f"service/{service}", f":{port}")
    try:
        line = process.stdout.readline()
        found = re.search(r"127\.0\.0\.1:(\d+)", line)
        assert found, f"kubectl port-forward: {line}{process.stderr.read()}"
        yield int(found[1])
    finally:
        process.terminate()
        process.wait()


def _copy(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
