"""An OpenID provider, and the tokens it gives."""

import json
import os
import urllib.error
import urllib.parse
import urllib.request

from .process import ROOT, Process, free_port


class Issuer:
    """`oidc-provider-mock` at `url`: signs whoever is named in, with RS256. `trust` is a context of `ssl`."""

    def __init__(self, url, client="weir", trust=None):
        self.url, self.client = url, client
        self.opener = urllib.request.build_opener(Unfollowed, urllib.request.HTTPSHandler(context=trust))

    def user(self, subject, **claims):
        """What the tokens of somebody say beside their name."""
        request = urllib.request.Request(
            f"{self.url}/users/{subject}", json.dumps(claims).encode(), {"Content-Type": "application/json"},
            method="PUT")
        self.opener.open(request).close()

    @property
    def keys(self):
        with self.opener.open(f"{self.url}/jwks") as answer:
            return answer.read().decode()

    def token(self, subject, client=None):
        """An ID token, by the authorization code flow."""
        redirect = "http://localhost:1/back"
        query = urllib.parse.urlencode({
            "response_type": "code", "client_id": client or self.client, "redirect_uri": redirect, "scope": "openid"})
        request = urllib.request.Request(
            f"{self.url}/oauth2/authorize?{query}", urllib.parse.urlencode({"sub": subject}).encode())
        try:
            self.opener.open(request)
            raise AssertionError("not redirected")
        except urllib.error.HTTPError as answer:
            location = answer.headers["Location"]
        code = urllib.parse.parse_qs(urllib.parse.urlparse(location).query)["code"][0]
        form = urllib.parse.urlencode({
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect,
            "client_id": client or self.client, "client_secret": "any"})
        with self.opener.open(f"{self.url}/oauth2/token", form.encode()) as answer:
            return json.load(answer)["id_token"]


class Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Provider(Issuer):
    """One that runs as a process, on this machine alone."""

    def __init__(self, folder, client="weir", lifetime=3600):
        self.port = free_port()
        super().__init__(f"http://localhost:{self.port}", client)
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
