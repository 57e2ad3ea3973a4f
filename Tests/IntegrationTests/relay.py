"""A stand-in between gateway and server: passes bytes, over TLS where it is told to."""

import socket
import ssl
import threading


class Relay:
    """Use as a context manager: takes connections at `address` and passes them on to the port `target`.

    With `context`, clients begin with TLS, as with PostgreSQL 17; `seen` holds what each chose by ALPN.
    """

    #: The address of the port.
    connect_to = "127.0.0.1"

    def __init__(self, target, address="127.0.0.1", context=None):
        self.target, self.context, self.seen = target, context, []
        self.listener = socket.create_server((address, 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client):
        try:
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
                self.seen.append(client.selected_alpn_protocol())
            server = socket.create_connection((self.connect_to, self.target))
        except (OSError, ssl.SSLError):
            client.close()
            return
        threading.Thread(target=self._pass, args=[client, server], daemon=True).start()
        self._pass(server, client)

    @staticmethod
    def _pass(source, target):
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
        except (OSError, ssl.SSLError):
            pass
        for side in (source, target):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def direct_tls(certificate, key, protocols=("postgresql",)):
    """The context of a server that begins with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context
