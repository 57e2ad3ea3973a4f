"""An identity provider by pysaml2, and a browser between it, the operator and the port of a program that waits."""

import html
import http.client
import re
import ssl
import subprocess
import urllib.parse

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.saml import NAME_FORMAT_BASIC, NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
SINGLE_SIGN_ON = "https://idp.example/sso"


class IdentityProvider:
    """Answers requests for whoever it is told to; `trust` makes it know a service provider by its metadata."""

    def __init__(self, folder, name="idp"):
        self.entity_id = f"https://{name}.example/metadata"
        self.key, self.cert = folder / f"{name}.key", folder / f"{name}.crt"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
             "-keyout", self.key, "-out", self.cert], check=True, capture_output=True)

    def trust(self, metadata):
        config = IdPConfig()
        config.load({
            "entityid": self.entity_id, "xmlsec_binary": "/usr/bin/xmlsec1",
            "service": {"idp": {
                "endpoints": {"single_sign_on_service": [(SINGLE_SIGN_ON, BINDING_HTTP_REDIRECT)]},
                "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": NAME_FORMAT_BASIC}}}},
            "key_file": str(self.key), "cert_file": str(self.cert), "metadata": {"inline": [metadata]}})
        self.server = Server(config=config)

    def respond(self, location, name="ann", signed="assertion", alter=None, **attributes):
        """The form that the browser sends on: `SAMLResponse` and `RelayState`. `alter` changes the arguments."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(location).query))
        request = self.server.parse_authn_request(query["SAMLRequest"], BINDING_HTTP_REDIRECT)
        arguments = self.server.response_args(request.message, [BINDING_HTTP_POST])
        destination = arguments["destination"]
        arguments.pop("binding", None)
        arguments |= {
            "identity": attributes, "userid": name, "authn": {"class_ref": PASSWORD, "authn_auth": self.entity_id},
            "name_id": NameID(format=NAMEID_FORMAT_PERSISTENT, text=name), "sign_alg": SIG_RSA_SHA256,
            "digest_alg": DIGEST_SHA256, "sign_assertion": "assertion" in signed, "sign_response": "response" in signed}
        arguments |= alter or {}
        text = str(self.server.create_authn_response(**arguments))
        form = self.server.apply_binding(
            BINDING_HTTP_POST, text, destination, query["RelayState"], response=True)["data"]
        return dict(re.findall(r'name="(\w+)" value="([^"]*)"', html.unescape(form)))


class Browser:
    """Keeps cookies of the operator, and shows what it is sent to."""

    def __init__(self, authorities):
        self.trust, self.cookies = ssl.create_default_context(cafile=str(authorities)), {}

    def send(self, method, address, form=None):
        """Status, address it is sent on to, and text."""
        parts = urllib.parse.urlparse(address)
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(parts.netloc, context=self.trust, timeout=60)
        else:
            connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie, *more = value.split("; ")
                assert {"Secure", "HttpOnly", "SameSite=None", "Path=/"} <= set(more), value
                name, _, value = cookie.partition("=")
                self.cookies[name] = value
                if not value:
                    del self.cookies[name]
        connection.close()
        return answer.status, answer.getheader("Location"), text

    def begin(self, address):
        status, location, text = self.send("GET", address)
        assert status == 303, text
        return location
