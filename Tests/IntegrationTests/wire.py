"""A PostgreSQL client that decides every byte it sends and shows every byte it gets."""

import base64
import hashlib
import hmac
import os
import re
import socket
import struct

PROTOCOL = 196608


def message(kind, body=b""):
    """A message of the protocol: type, length including itself, body."""
    return kind + struct.pack("!i", len(body) + 4) + body


def startup(protocol=PROTOCOL, **parameters):
    """A start-up message."""
    body = struct.pack("!i", protocol)
    for name, value in parameters.items():
        body += name.encode() + b"\0" + (value if isinstance(value, bytes) else str(value).encode()) + b"\0"
    body += b"\0"
    return struct.pack("!i", len(body) + 4) + body


def query(sql):
    return message(b"Q", sql.encode() + b"\0")


def parse(sql, name=b"", types=()):
    return message(b"P", name + b"\0" + sql.encode() + b"\0" + struct.pack("!h", len(types))
                   + b"".join(struct.pack("!I", oid) for oid in types))


def bind(values=(), portal=b"", name=b"", result_formats=(), formats=()):
    """Binds text values (None: NULL); `result_formats` 0 for text, 1 for binary."""
    body = portal + b"\0" + name + b"\0"
    body += struct.pack("!h", len(formats)) + b"".join(struct.pack("!h", f) for f in formats)
    body += struct.pack("!h", len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    return message(b"B", body + struct.pack("!h", len(result_formats))
                   + b"".join(struct.pack("!h", f) for f in result_formats))


def describe(kind=b"P", name=b""):
    return message(b"D", kind + name + b"\0")


def execute(portal=b"", rows=0):
    return message(b"E", portal + b"\0" + struct.pack("!i", rows))


def extended(sql, values=(), result_formats=()):
    """One statement by the extended protocol, whole."""
    return parse(sql) + bind(values, result_formats=result_formats) + describe() + execute() + SYNC


SYNC = message(b"S")
FLUSH = message(b"H")
TERMINATE = message(b"X")


class Wire:
    """A connection; what arrives is kept as `(type, body)` pairs."""

    def __init__(self, endpoint, timeout=30, log_in=True, protocol=PROTOCOL, **parameters):
        self.endpoint = endpoint
        # What has arrived and was not taken yet starts at `at`.
        self.buffer, self.at = bytearray(), 0
        self.socket = socket.create_connection((endpoint.host, endpoint.port), timeout=timeout)
        self.parameters, self.process, self.secret = {}, None, None
        #: What the other side settled for: the version's number and the options it does not know, if it said so.
        self.negotiated = None
        if log_in:
            self.send(startup(protocol, user=endpoint.user, database=endpoint.database, **parameters))
            self._log_in()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, *parts):
        self.socket.sendall(b"".join(parts))

    def receive(self):
        """The next message; EOFError when the other side closed."""
        kind = self._bytes(1)
        length, = struct.unpack("!i", self._bytes(4))
        return kind, self._bytes(length - 4)

    def until(self, *kinds):
        """Everything up to and including the first message of one of the kinds."""
        got = []
        while not got or got[-1][0] not in kinds:
            got.append(self.receive())
        return got

    def ask(self, *parts):
        """Sends, then everything up to ReadyForQuery."""
        self.send(*parts)
        return self.until(b"Z")

    def closes(self):
        """What arrives before the other side closes."""
        got = []
        try:
            while True:
                got.append(self.receive())
        except (EOFError, ConnectionError):
            return got

    def _bytes(self, count):
        while len(self.buffer) - self.at < count:
            data = self.socket.recv(1 << 18)
            if not data:
                raise EOFError
            del self.buffer[:self.at]
            self.at = 0
            self.buffer += data
        self.at += count
        return bytes(self.buffer[self.at - count:self.at])

    def _log_in(self):
        scram = Scram(self.endpoint.password)
        while True:
            kind, body = self.receive()
            if kind == b"E":
                raise ConnectionError(fields(body).get("M"))
            if kind == b"S":
                name, value = body[:-1].split(b"\0")
                self.parameters[name.decode()] = value.decode()
            if kind == b"K":
                self.process, self.secret = struct.unpack("!i", body[:4])[0], body[4:]
            if kind == b"v":
                self.negotiated = struct.unpack("!i", body[:4])[0], body[8:].split(b"\0")[:-1]
            if kind == b"Z":
                return
            if kind == b"R":
                code, = struct.unpack("!i", body[:4])
                answer = scram.answer(code, body[4:])
                if answer is not None:
                    self.send(message(b"p", answer))


def refused_exchange(endpoint, user):
    """All that a client with a wrong password is told, without what is random or names the user."""
    scram, told = Scram("wrong"), []
    with Wire(endpoint, log_in=False) as wire:
        wire.send(startup(user=user, database=endpoint.database))
        while True:
            kind, body = wire.receive()
            if kind != b"R":
                return [*told, kind, body.replace(user.encode(), b"?")]
            code, = struct.unpack("!i", body[:4])
            answer = scram.answer(code, body[4:])
            if code == 11:
                part = dict(item.split("=", 1) for item in body[4:].decode().split(","))
                body = [len(part["r"]), len(part["s"]), part["i"]]
            told.append((code, body))
            wire.send(message(b"p", answer))


def salt(endpoint, user):
    """The salt that a user is told, or whoever calls themselves so."""
    with Wire(endpoint, log_in=False) as wire:
        wire.send(startup(user=user, database=endpoint.database))
        assert wire.receive()[1][:4] == b"\0\0\0\n"
        wire.send(message(b"p", Scram("").answer(10, b"")))
        return re.search(rb",s=([^,]+),", wire.receive()[1])[1]


def cancel(endpoint, process, secret):
    """A CancelRequest on a connection of its own."""
    with socket.create_connection((endpoint.host, endpoint.port), timeout=30) as other:
        other.sendall(struct.pack("!iii", 12 + len(secret), 80877102, process) + secret)
        other.recv(1)


class Scram:
    """The client's half of SCRAM-SHA-256 (RFC 7677), and of cleartext; the server's signature is checked."""

    def __init__(self, password):
        self.password, self.nonce = password.encode(), base64.b64encode(os.urandom(18)).decode()
        self.signature = None

    def answer(self, code, body):
        """What to answer to an authentication request; None when nothing is to be said."""
        if code == 3:
            return self.password + b"\0"
        if code == 10:
            first = f"n,,n=,r={self.nonce}".encode()
            return b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first
        if code == 11:
            return self._proof(body.decode())
        if code == 12 and base64.b64decode(body[2:]) != self.signature:
            raise ConnectionError("the server does not know the password")
        return None

    def _proof(self, server):
        part = dict(item.split("=", 1) for item in server.split(","))
        assert part["r"].startswith(self.nonce)
        salted = hashlib.pbkdf2_hmac("sha256", self.password, base64.b64decode(part["s"]), int(part["i"]))
        key = hmac.digest(salted, b"Client Key", "sha256")
        final = f"c=biws,r={part['r']}"
        said = f"n=,r={self.nonce},{server},{final}".encode()
        proof = bytes(a ^ b for a, b in zip(key, hmac.digest(hashlib.sha256(key).digest(), said, "sha256")))
        self.signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), said, "sha256")
        return f"{final},p={base64.b64encode(proof).decode()}".encode()


def fields(body):
    """The fields of an ErrorResponse or NoticeResponse by their letter."""
    return {part[:1].decode(): part[1:].decode("utf8", "replace") for part in body.split(b"\0") if part}


def error(messages):
    """The SQLSTATE of the first error, or None."""
    return next((fields(body)["C"] for kind, body in messages if kind == b"E"), None)


def row(body):
    """The cells of a DataRow; None for NULL."""
    count, at, cells = struct.unpack("!h", body[:2])[0], 2, []
    for _ in range(count):
        length, = struct.unpack_from("!i", body, at)
        at += 4
        cells.append(None if length < 0 else body[at:at + length])
        at += max(length, 0)
    return cells


def rows(messages):
    return [row(body) for kind, body in messages if kind == b"D"]


def kinds(messages):
    return b"".join(kind for kind, _ in messages).decode()


def status(messages):
    """The transaction status of the last ReadyForQuery: I, T or E."""
    return messages[-1][1].decode()
