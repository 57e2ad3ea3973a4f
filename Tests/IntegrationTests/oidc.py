"""A provider with the device flow, and tokens that no provider would sign."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import threading
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class DeviceProvider:
    """A provider with the device flow of RFC 8628 alone: says `authorization_pending` until it is `approved`.

    `device` and `tokens` are the fields of its answers that are other than the standard's, `None` for those it lacks.
    """

    def __init__(self, signer, device=None, tokens=None):
        self.signer, self.is_approved, self.polls = signer, False, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, status, **fields):
                body = json.dumps({name: value for name, value in fields.items() if value is not None}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.answer(200, issuer=outer.url, token_endpoint=outer.url + "/token",
                            device_authorization_endpoint=outer.url + "/device")

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                if self.path == "/device":
                    return self.answer(200, **{
                        "device_code": "d-1", "user_code": "ABCD-EFGH", "interval": 1, "expires_in": 60,
                        "verification_uri": outer.url + "/activate", **(device or {})})
                outer.polls += 1
                if form["device_code"] != ["d-1"] or outer.is_approved is None:
                    return self.answer(400, error="access_denied")
                if not outer.is_approved:
                    return self.answer(400, error="authorization_pending")
                return self.answer(200, **{
                    "id_token": outer.signer.token(iss=outer.url, sub="ann"), **(tokens or {})})

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def encoded(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Signer:
    """An issuer of a test's own, which signs whatever it is told to."""

    def __init__(self, issuer="https://ci.example", audience="weir"):
        self.issuer, self.audience = issuer, audience
        self.key = rsa.generate_private_key(65537, 2048)
        self.kid = "k1"

    @property
    def public(self):
        numbers = self.key.public_key().public_numbers()
        return {"kty": "RSA", "kid": self.kid, "use": "sig", "alg": "RS256", "e": encoded(b"\1\0\1"),
                "n": encoded(numbers.n.to_bytes(256, "big"))}

    @property
    def keys(self):
        return json.dumps({"keys": [self.public]})

    def claims(self, **claims):
        now = int(time.time())
        return {"iss": self.issuer, "aud": self.audience, "sub": "repo:clinic/migrations", "iat": now, "exp": now + 600,
                "jti": f"t-{now}-{os.urandom(4).hex()}", "repository": "clinic/migrations", "ref": "refs/heads/main",
                "run_id": "4711", **claims}

    def token(self, header=None, key=None, **claims):
        text = encoded({"alg": "RS256", "kid": self.kid, **(header or {})}) + "." + encoded(
            {name: value for name, value in self.claims(**claims).items() if value is not None})
        return text + "." + encoded((key or self.key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))

    def mac(self, secret, algorithm="HS256", **claims):
        """Signed with a shared secret, as which some would take the public key."""
        text = encoded({"alg": algorithm, "kid": self.kid}) + "." + encoded(self.claims(**claims))
        return text + "." + encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())

    def unsigned(self, **claims):
        return encoded({"alg": "none"}) + "." + encoded(self.claims(**claims)) + "."
