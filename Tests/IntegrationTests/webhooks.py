"""A receiver of notifications, and the check of their signatures as the documentation has it."""

import collections
import copy
import http.server
import json
import re
import secrets
import ssl
import threading

from servers import authority, certificate
from stage.process import ROOT

#: What receivers are told to do.
SNIPPET = re.search(r"```python\n(.*?)```", (ROOT / "Documentation" / "approvals.md").read_text(), re.S)[1]


def verified(headers, body, key):
    """The notification; raises ValueError for a forged one."""
    namespace = {}
    exec(SNIPPET, namespace)
    return namespace["verified"](headers, body, key)


#: `facts` is what was told, checked when it came: signatures are too old soon; or the fault of it.
Delivery = collections.namedtuple("Delivery", "headers body path status key facts")


def checked(headers, body, key):
    try:
        return verified(headers, body, key)
    except ValueError as fault:
        return fault


class Receiver:
    """An HTTPS server whose answers to new requests are said beforehand: statuses, with a `Retry-After` in a pair, or
    `cut` for none.

    Otherwise it answers 200. Its Secret is a folder as the operator reads it.
    """

    def __init__(self, folder, name="chat", port=0, is_secure=True, host="127.0.0.1"):
        self.host = host
        self.folder, self.answers, self.received = folder, collections.deque(), []
        self.secret, self.keys = folder / name, {}
        self.gate = threading.Event()
        self.gate.set()
        self.is_secure = is_secure
        if is_secure and not (folder.parent / "receiver.crt").exists():
            authority(folder.parent, "webhooks")
            certificate(folder.parent, "webhooks", "receiver", f"DNS:localhost,IP:{host}")
        self.start(port)
        self.rotate()

    def start(self, port=None):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                key = outer.keys[self.path]
                facts = checked(self.headers, body, key)
                outer.gate.wait(30)
                asks = outer.answers and json.loads(body)["weir"]["event"] == "requested"
                answer = outer.answers.popleft() if asks else 200
                status, after = answer if isinstance(answer, tuple) else (answer, None)
                outer.received.append(Delivery(self.headers, body, self.path, status, key, facts))
                if status == "cut":
                    return
                self.send_response(status)
                if after:
                    self.send_header("Location" if 300 <= status < 400 else "Retry-After", str(after))
                # Neither a length nor an end, as small receivers answer.
                self.end_headers()
                self.wfile.write(b"ok" * 100_000)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, allow_reuse_address = True, True

            def handle_error(self, *_):
                pass

        self.server = Server((self.host, self.port if port is None else port), Handler)
        self.port = self.server.server_address[1]
        if self.is_secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.folder.parent / "receiver.crt", self.folder.parent / "receiver.key")
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        host = "localhost" if self.host == "127.0.0.1" else self.host
        return f"{'https' if self.is_secure else 'http'}://{host}:{self.port}{self.path}"

    @property
    def contents(self):
        """Of the Secret."""
        contents = {"url": self.url + "\n", "signingKey": self.key.decode() + "\n"}
        if self.is_secure:
            contents["ca.crt"] = (self.folder.parent / "webhooks.crt").read_text()
        return contents

    def rotate(self):
        """Gives it another address and key; what was sent to the one before is signed by its own."""
        self.path, self.key = "/services/" + secrets.token_hex(12), secrets.token_hex(32).encode()
        self.keys[self.path] = self.key
        self.secret.mkdir(parents=True, exist_ok=True)
        for name, text in self.contents.items():
            (self.secret / name).write_text(text)

    def told(self, request=None, event=None):
        """What was delivered with a status of success, each checked; of one request and event where they are named."""
        delivered = [it.facts for it in list(self.received) if it.status == 200]
        for fault in delivered:
            if isinstance(fault, ValueError):
                raise fault
        return [copy.deepcopy(it) for it in delivered
                if request in (None, it["weir"]["request"]) and event in (None, it["weir"]["event"])]
