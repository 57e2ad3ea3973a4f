"""`weirctl login --saml` at an identity provider by pysaml2: through a browser and the operator to a session, and every
way that must not lead there."""

import base64
import hashlib
import json
import os
import re
import socket
import subprocess
import time
import urllib.parse

import pytest
from cluster import PROGRAM
from oidc import encoded
from saml import SINGLE_SIGN_ON, Browser, IdentityProvider
from servers import MANIFEST, eventually
from sidecar import NAMESPACE
from stage.local_operator import LocalOperator
from stage.process import free_port, program
from test_grants_and_revocations import SYSTEM, Plane
from test_tokens import log_in
from wire import error, query

CONNECTION = f"{NAMESPACE}/people"
CHALLENGE = "A" * 43
STATE = "0123456789abcdef"


class SAMLPlane(Plane):
    """Whose people sign in at a SAML identity provider."""

    def __init__(self, stage, folder):
        self.idp = IdentityProvider(folder)
        super().__init__(stage, folder)
        self.idp.trust(Browser(self.authorities).send("GET", self.url + "/v1/saml/metadata")[2])

    def identity(self):
        return {"workload": False, "samlProviders": [{
            "entityID": self.idp.entity_id, "singleSignOnURL": SINGLE_SIGN_ON,
            "certificates": [self.idp.cert.read_text()], "subjectPrefix": "people:", "groupsAttribute": "groups",
            "groupsPrefix": "idp:", "attributes": {"ward": "ward"}, "clockSkew": "0s"}]}

    def new_operator(self, name, port, health):
        process = super().new_operator(name, port, health)
        process.command += ["--public-url", self.url]
        return process

    def address(self, port=1, connection=CONNECTION, **more):
        query = {"connection": connection, "port": port, "state": STATE, "challenge": CHALLENGE, **more}
        return f"{self.url}/v1/saml/login?{urllib.parse.urlencode(query)}"

    def consume(self, browser, form, url=None):
        """What the waiting program would be told."""
        status, location, text = browser.send("POST", (url or self.url) + "/v1/saml/acs", form)
        if status != 303:
            return {"status": status, "error": text}
        assert location.startswith(f"http://127.0.0.1:1/callback?state={STATE}&"), location
        return dict(urllib.parse.parse_qsl(urllib.parse.urlparse(location).query))


@pytest.fixture(scope="module")
def plane(stage, tmp_path_factory):
    assert PROGRAM, "the API server for tests is not built"
    plane = SAMLPlane(stage, tmp_path_factory.mktemp("saml"))
    plane.sidecar.process.start()
    eventually(lambda: plane.sidecar.get("/readyz")[0] == 200, lambda: plane.sidecar.log)
    yield plane
    plane.stop()


@pytest.fixture
def browser(plane):
    return Browser(plane.authorities)


@pytest.fixture
def home(tmp_path, plane):
    return {"WEIR_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin",
            "WEIR_OPERATOR": plane.url, "WEIR_OPERATOR_CA": str(plane.authorities)}


def begun(plane, browser):
    """A request, once the operator has keys and knows the connection."""
    location = None

    def is_sent():
        nonlocal location
        status, location, _ = browser.send("GET", plane.address())
        return status == 303
    eventually(is_sent, "not sent to the identity provider")
    return location


def start(home, *arguments):
    return subprocess.Popen(
        [program("weirctl"), "login", *arguments], env=home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("signed", ["assertion", "response", "response and assertion"])
def test_a_person_signs_in_and_opens_psql(plane, browser, home, signed):
    begun(plane, browser)
    process = start(home, "--saml", CONNECTION)
    address = re.fullmatch(r"open (\S+)\n", process.stderr.readline())[1]
    location = browser.begin(address)
    assert location.startswith(SINGLE_SIGN_ON + "?SAMLRequest=")
    form = plane.idp.respond(location, "ann@clinic.example", signed, groups=["nurses", "night"], ward=["North"])
    status, back, _ = browser.send("POST", plane.url + "/v1/saml/acs", form)
    assert status == 303 and back.startswith("http://127.0.0.1:"), back
    # What went through the browser is no grant, and opens nothing without the program's own part.
    sign_in = urllib.parse.parse_qs(urllib.parse.urlparse(back).query)["sign_in"][0]
    assert plane.exchange(sign_in)[0] == 400 and plane.people(sign_in).returncode == 2
    assert browser.send("GET", back)[0] == 200
    assert process.wait(60) == 0, process.stderr.read()
    assert "logged in as ann@clinic.example" in process.stderr.read()
    saved = os.path.join(home["WEIR_HOME"], "login.json")
    assert os.stat(saved).st_mode & 0o777 == 0o600 and json.loads(open(saved).read())["token"].startswith(sign_in + "~")

    def is_let_in():
        done = subprocess.run(
            [program("weirctl"), "connect", CONNECTION, "--host", "127.0.0.1", "--port", str(plane.people_port),
             "--database", "clinic", "--user", "ann", "--", "psql", "-At", "-c", "SELECT 1"],
            env=home, capture_output=True, text=True, timeout=60)
        return done.stdout == "1\n"
    # The gateway is told of the operator's keys beside.
    eventually(is_let_in, lambda: plane.sidecar.log)
    record = plane.started("ann")
    assert (record["subject"], record["proof"]) == ("people:ann@clinic.example", "Grant")
    assert record["groups"] == ["idp:night", "idp:nurses"] and record["attributes"] == ["ward=North"]
    assert record["issuer"] == plane.idp.entity_id


def test_others_on_the_machine_neither_end_a_sign_in_nor_take_its_port(plane, browser, home):
    begun(plane, browser)
    process = start(home, "--saml", CONNECTION)
    address = re.fullmatch(r"open (\S+)\n", process.stderr.readline())[1]
    port = int(dict(urllib.parse.parse_qsl(urllib.parse.urlparse(address).query))["port"])
    for place in ("127.0.0.1", "0.0.0.0"):
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            with socket.socket() as other, pytest.raises(OSError):
                other.setsockopt(socket.SOL_SOCKET, option, 1)
                other.bind((place, port))
                other.listen()
    for path, status in (("/callback?sign_in=weir-sign-in-v1.x.e30.x", 400), ("/?state=x", 404),
                         (f"/callback?state={STATE}&sign_in=weir-sign-in-v1.x.e30.x", 400),
                         (f"/callback?state={STATE}&error=denied", 400)):
        assert browser.send("GET", f"http://127.0.0.1:{port}{path}")[0] == status, path
    assert process.poll() is None
    location = browser.begin(address)
    _, back, _ = browser.send("POST", plane.url + "/v1/saml/acs", plane.idp.respond(location, "ann@clinic.example"))
    # What somebody has seen of the address that the browser went to opens nothing.
    sign_in = urllib.parse.parse_qs(urllib.parse.urlparse(back).query)["sign_in"][0]
    for verifier in ("", "~", "~" + "v" * 43, "~" + CHALLENGE):
        assert plane.exchange(sign_in + verifier)[0] == 400
    assert browser.send("GET", back)[0] == 200
    assert process.wait(60) == 0 and "logged in as ann@clinic.example" in process.stderr.read()
    with pytest.raises(OSError):
        browser.send("GET", back)


def test_a_refusal_reaches_the_program_that_waits(plane, browser, home):
    begun(plane, browser)
    process = start(home, "--saml", CONNECTION)
    location = browser.begin(re.fullmatch(r"open (\S+)\n", process.stderr.readline())[1])
    form = plane.idp.respond(location, "eve", signed="nothing")
    _, back, _ = browser.send("POST", plane.url + "/v1/saml/acs", form)
    assert "Not logged in" in browser.send("GET", back)[2]
    assert process.wait(60) == 1 and "neither the response nor its assertion is signed" in process.stderr.read()


def test_a_revoked_subject_gets_no_grant(plane, browser):
    verifier = "v" * 43
    challenge = encoded(hashlib.sha256(verifier.encode()).digest())
    begun(plane, browser)
    location = browser.begin(plane.address(challenge=challenge))
    token = plane.consume(browser, plane.idp.respond(location, "mal"))["sign_in"] + "~" + verifier
    grant = plane.grant(token)
    eventually(lambda: plane.people(grant, user="mal").returncode == 0, "not let in")
    status, _ = plane.ask("/v1/revocations", {"subject": "people:mal", "reason": "left"}, plane.bearer())
    assert status == 201
    eventually(lambda: plane.exchange(token)[0] == 400, "still exchanged")
    eventually(lambda: plane.people(grant, user="mal").returncode == 2, "still let in")


def tampered(form, change):
    xml = base64.b64decode(form["SAMLResponse"]).decode()
    changed = change(xml)
    assert changed != xml
    return {**form, "SAMLResponse": base64.b64encode(changed.encode()).decode()}


SUBJECT = re.compile(r">ann<")
ASSERTION = re.compile(r"<(ns\d+):Assertion.*</\1:Assertion>", re.S)


def wrapped(xml):
    """The signed assertion moved into the extensions, another in its place."""
    whole = ASSERTION.search(xml)[0]
    evil = re.sub(r"<(ns\d+):Signature.*</\1:Signature>", "", whole, flags=re.S)
    evil = SUBJECT.sub(">admin<", re.sub(r' ID="[^"]*"', ' ID="_evil"', evil))
    aside = f'<x:Extensions xmlns:x="urn:oasis:names:tc:SAML:2.0:protocol">{whole}</x:Extensions>'
    return xml.replace(whole, aside + evil)


ATTACKS = [
    ("another name", lambda xml: SUBJECT.sub(">admin<", xml), "signature is wrong"),
    ("a comment in the name", lambda xml: SUBJECT.sub(">a<!-- -->nn<", xml), "comment"),
    ("a document type", lambda xml: re.sub(
        r"(<ns\d+:Response)", r'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>\1', xml, count=1),
     "document type"),
    ("two assertions", lambda xml: ASSERTION.sub(lambda it: it[0] * 2, xml), "several Assertions"),
    ("wrapping", wrapped, "several Assertions"),
    ("no signature", lambda xml: re.sub(r"<(ns\d+):Signature.*</\1:Signature>", "", xml, flags=re.S), "signed"),
    ("SHA-1", lambda xml: xml.replace("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha1"), "not allowed"),
    ("a MAC", lambda xml: xml.replace("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"), "not allowed"),
    ("a longer life", lambda xml: re.sub(r'NotOnOrAfter="\d{4}', 'NotOnOrAfter="2999', xml), "signature is wrong"),
    ("no XML", lambda xml: xml[:-9], "no XML"),
]


@pytest.mark.parametrize("change, words", [it[1:] for it in ATTACKS], ids=[it[0] for it in ATTACKS])
def test_responses_that_were_changed_are_refused(plane, browser, change, words):
    location = begun(plane, browser)
    told = plane.consume(browser, tampered(plane.idp.respond(location), change))
    assert "sign_in" not in told and words in told["error"], told


@pytest.mark.parametrize("alter, words", [
    ({"destination": "https://other.example/acs"}, "another address"),
    ({"in_response_to": "_other"}, "does not answer"),
    ({"sp_entity_id": "https://other.example"}, "another service provider"),
    ({"issuer": None}, None),
], ids=["recipient", "request", "audience", "as it is"])
def test_responses_for_others_are_refused(plane, browser, alter, words):
    location = begun(plane, browser)
    if "sp_entity_id" in alter:
        form = tampered(plane.idp.respond(location, signed="nothing"),
                        lambda xml: re.sub(r"(<ns\d+:Audience>)[^<]*", r"\1https://other.example", xml))
        # Signed again as it is now, by the identity provider's own key.
        form["SAMLResponse"] = signed_again(plane, form["SAMLResponse"])
    else:
        form = plane.idp.respond(location, alter={k: v for k, v in alter.items() if v})
    told = plane.consume(browser, form)
    assert ("sign_in" in told) if words is None else (words in told.get("error", "")), told


def signed_again(plane, text):
    """By xmlsec1, with a template in the assertion."""
    xml = base64.b64decode(text).decode()
    name = re.search(r"<ns\d+:Assertion[^>]* ID=\"([^\"]*)\"", xml)[1]
    template = (
        '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>'
        '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f'<ds:Reference URI="#{name}"><ds:Transforms>'
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
        '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>'
        '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference>'
        "</ds:SignedInfo><ds:SignatureValue/></ds:Signature>")
    xml = re.sub(r"(<ns\d+:Assertion.*?</ns\d+:Issuer>)", lambda it: it[1] + template, xml, count=1, flags=re.S)
    file = plane.folder / "again.xml"
    file.write_text(xml)
    done = subprocess.run(
        ["xmlsec1", "--sign", "--privkey-pem", plane.idp.key, "--id-attr:ID",
         "urn:oasis:names:tc:SAML:2.0:assertion:Assertion", file], capture_output=True, check=True)
    return base64.b64encode(done.stdout).decode()


def test_another_provider_is_not_believed_under_the_same_name(plane, browser, tmp_path):
    stranger = IdentityProvider(tmp_path)
    stranger.trust(browser.send("GET", plane.url + "/v1/saml/metadata")[2])
    told = plane.consume(browser, stranger.respond(begun(plane, browser)))
    assert "by no known certificate" in told["error"]


def test_an_assertion_is_used_once_by_the_browser_that_began(plane, browser):
    location = begun(plane, browser)
    form = plane.idp.respond(location)
    # Another browser brings the answer: stolen, or planted.
    told = plane.consume(Browser(plane.authorities), form)
    assert told["status"] == 403 and "this browser has not begun" in told["error"]
    cookies = dict(browser.cookies)
    assert "sign_in" in plane.consume(browser, form)
    assert not any(name.endswith(form["RelayState"]) for name in browser.cookies)
    browser.cookies |= cookies
    assert "has been used already" in plane.consume(browser, form)["error"]
    held = plane.cluster.request("GET", f"/api/v1/namespaces/{SYSTEM}/configmaps/weir-saml-assertions")[2]
    assert "ann" not in json.dumps(held)


def test_whom_no_sign_in_was_given_is_in_the_evidence(plane, stage, browser):
    form = plane.idp.respond(begun(plane, browser), "eve", signed="nothing")
    assert "error" in plane.consume(browser, form)
    form = plane.idp.respond(begun(plane, browser), "ann@clinic.example")
    assert "sign_in" in plane.consume(browser, form)
    other = Browser(plane.authorities)
    assert plane.consume(other, form)["status"] == 403

    def told():
        done = stage.weirctl("sessions", "list", "--sink", stage.sink_url, "-o", "json")
        return [(it["connection"], it["endReason"], it["clientAddress"]) for it in json.loads(done.stdout)
                if it["endReason"].startswith("no sign-in")]
    for connection, words in ((CONNECTION, f"no sign-in by {plane.idp.entity_id}: neither the response"),
                              ("", "no sign-in: this browser has not begun")):
        eventually(lambda: any(it == connection and words in reason and address == "127.0.0.1"
                               for it, reason, address in told()), told)
    sign_in = plane.consume(browser, plane.idp.respond(begun(plane, browser), "ann"))["sign_in"]
    assert plane.exchange(sign_in + "~x")[0] == 400
    eventually(lambda: any("verifier is another" in it["endReason"] for it in json.loads(
        stage.weirctl("sessions", "list", "--sink", stage.sink_url, "-o", "json").stdout)), "no record")


def test_another_replica_goes_on_with_a_sign_in_and_knows_what_was_used(plane, browser):
    port = free_port()
    second = plane.new_operator("second", port, free_port())
    second.start()
    try:
        url = f"https://127.0.0.1:{port}"
        eventually(lambda: browser.send("GET", plane.address().replace(plane.url, url))[0] == 303, "not synced")
        location = begun(plane, browser)
        form, cookies = plane.idp.respond(location), dict(browser.cookies)
        assert "sign_in" in plane.consume(browser, form, url)
        for at in (url, plane.url):
            browser.cookies |= cookies
            assert "has been used already" in plane.consume(browser, form, at)["error"]
    finally:
        second.stop()


def test_nobody_is_signed_in_unasked(plane, browser):
    form = plane.idp.respond(begun(plane, browser))
    form.pop("RelayState")
    told = plane.consume(browser, form)
    assert told["status"] == 403 and "this browser has not begun" in told["error"]


@pytest.mark.parametrize("change, status", [
    ({"connection": f"{NAMESPACE}/none"}, 404), ({"port": "70000"}, 400), ({"challenge": "x"}, 400),
    ({"state": ""}, 400), ({"provider": "https://evil.example"}, 404),
])
def test_what_is_no_beginning(plane, browser, change, status):
    begun(plane, browser)
    assert browser.send("GET", plane.address(**change))[0] == status


@pytest.mark.parametrize("arguments", [
    ["--saml", f"{NAMESPACE}/none"], ["--saml", CONNECTION, "--provider", "https://other.example"]])
def test_who_cannot_sign_in_is_told_at_once_what_to_configure(plane, browser, home, arguments):
    begun(plane, browser)
    process = start(home, *arguments)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 1 and "404" in told and "see identity.samlProviders" in told, told
    assert "open https" not in told


def test_an_operator_without_an_address_for_browsers_says_so(stage, tmp_path):
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    (manifests / "clinic.yaml").write_text(MANIFEST)
    operator = LocalOperator(tmp_path, manifests)
    operator.process.start()
    try:
        home = {"WEIR_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "WEIR_OPERATOR": operator.url,
                "WEIR_OPERATOR_CA": str(operator.data / "ca.crt")}
        process = start(home, "--saml", "default/clinic")
        _, told = process.communicate(timeout=20)
        assert process.returncode == 1 and "give it --public-url" in told and "open https" not in told, told
    finally:
        operator.process.stop()


def test_an_assertion_that_has_expired(plane, browser):
    location = begun(plane, browser)
    policy = plane.idp.server.config.getattr("policy", "idp")
    restrictions = policy._restrictions["default"]
    lifetime, restrictions["lifetime"] = restrictions["lifetime"], {"seconds": 1}
    try:
        form = plane.idp.respond(location)
    finally:
        restrictions["lifetime"] = lifetime
    time.sleep(1.2)
    told = plane.consume(browser, form)
    assert "has expired" in told.get("error", ""), told


def test_a_person_signs_in_without_a_cluster(plane, stage, tmp_path):
    idp, folder, port = IdentityProvider(tmp_path, "local"), tmp_path / "local", free_port()
    provider = {
        "entityID": idp.entity_id, "singleSignOnURL": SINGLE_SIGN_ON, "certificates": [idp.cert.read_text()],
        "subjectPrefix": "people:"}
    manifests = folder / "manifests"
    manifests.mkdir(parents=True)
    identity = f"  identity: {{workload: false, samlProviders: {json.dumps([provider])}}}\n"
    (manifests / "clinic.yaml").write_text(
        MANIFEST.replace("  listen: {port: 15432}\n", "  listen: {port: 15432}\n" + identity, 1))
    gateway = stage.gateway(manifests, name="saml-local", users=["tester"])
    operator = LocalOperator(folder, gateway.manifests)
    operator.process.command += ["--public-url", operator.url]
    operator.process.start()
    gateway.process.command += [str(part) for part in operator.gateway_options]
    gateway.start()
    try:
        home = {"WEIR_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "WEIR_OPERATOR": operator.url,
                "WEIR_OPERATOR_CA": str(operator.data / "ca.crt")}
        browser = Browser(operator.data / "ca.crt")
        idp.trust(browser.send("GET", operator.url + "/v1/saml/metadata")[2])
        beginning = plane.address(connection="default/clinic").replace(plane.url, operator.url)
        eventually(lambda: browser.send("GET", beginning)[0] == 303, "not begun")
        process = start(home, "--saml", "default/clinic")
        address = re.fullmatch(r"open (\S+)\n", process.stderr.readline())[1]
        form = idp.respond(browser.begin(address))
        cookies = dict(browser.cookies)
        back = browser.send("POST", operator.url + "/v1/saml/acs", form)[1]
        browser.send("GET", back)
        assert process.wait(60) == 0, process.stderr.read()
        browser.cookies |= cookies
        again = browser.send("POST", operator.url + "/v1/saml/acs", form)[1]
        assert "has%20been%20used%20already" in again
        done = subprocess.run(
            [program("weirctl"), "token", "--connection", "default/clinic"], env=home, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        grant = done.stdout.strip()
        eventually(lambda: gateway.endpoint("ann", grant).psql("-At", "-c", "SELECT 1").stdout == "1\n", "not let in")
        # Taken out, its certificate is believed no more, also for those who signed in by it.
        session = log_in(gateway, grant)
        assert error(session.ask(query("SELECT 1"))) is None
        next_idp = tmp_path / "next"
        next_idp.mkdir()
        old, new = (json.dumps(it.cert.read_text()) for it in (idp, IdentityProvider(next_idp, "local")))
        for file in gateway.manifests.glob("*.yaml"):
            file.write_text(file.read_text().replace(old, new))
        assert error(session.closes()) == "28000"
        refused = gateway.endpoint("ann", grant).psql("-At", "-c", "SELECT 1")
        assert refused.returncode == 2 and "issuer is not accepted" in refused.stderr, refused.stderr
    finally:
        gateway.process.stop()
        operator.process.stop()
