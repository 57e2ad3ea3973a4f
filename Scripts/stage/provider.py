"""An OpenID provider as a process."""

import json
import os
import urllib.error
import urllib.parse
import urllib.request

from .process import ROOT, Process, free_port


class Provider:
    """`oidc-provider-mock`: signs whoever is named in, with RS256."""

    def __init__(self, folder, client="weir", lifetime=3600):
        self.client, self.port = client, free_port()
        self.url = f"http://localhost:{self.port}"
        self.process = Process(
            "oidc-provider-mock",
            [ROOT / ".venv/bin/oidc-provider-mock", "--port", self.port, "--token-max-age", lifetime],
            folder / "provider.log", port=self.port,
            environment={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"})

    def start(self):
        self.process.start()
        return self

    def stop(self):
        self.process.stop()

    def user(self, subject, **claims):
        """What the tokens of somebody say beside their name."""
        request = urllib.request.Request(
            f"{self.url}/users/{subject}", json.dumps(claims).encode(), {"Content-Type": "application/json"},
            method="PUT")
        urllib.request.urlopen(request).close()

    @property
    def keys(self):
        with urllib.request.urlopen(f"{self.url}/jwks") as answer:
            return answer.read().decode()

    def token(self, subject, client=None):
        """An ID token, by the authorization code flow."""
        redirect = "http://localhost:1/back"
        query = urllib.parse.urlencode({
            "response_type": "code", "client_id": client or self.client, "redirect_uri": redirect, "scope": "openid"})
        request = urllib.request.Request(
            f"{self.url}/oauth2/authorize?{query}", urllib.parse.urlencode({"sub": subject}).encode())
        try:
            urllib.request.build_opener(Unfollowed).open(request)
            raise AssertionError("not redirected")
        except urllib.error.HTTPError as answer:
            location = answer.headers["Location"]
        code = urllib.parse.parse_qs(urllib.parse.urlparse(location).query)["code"][0]
        form = urllib.parse.urlencode({
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect,
            "client_id": client or self.client, "client_secret": "any"})
        with urllib.request.urlopen(f"{self.url}/oauth2/token", form.encode()) as answer:
            return json.load(answer)["id_token"]


class Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
