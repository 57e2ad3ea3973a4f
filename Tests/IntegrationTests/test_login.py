"""`weirctl login` at providers: by a browser on this machine, and by another device."""

import json
import os
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest
from oidc import DeviceProvider, Signer
from servers import eventually
from stage.process import program
from stage.provider import Provider, Unfollowed


@pytest.fixture
def home(tmp_path):
    return {"WEIR_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    provider = Provider(tmp_path_factory.mktemp("provider")).start()
    yield provider
    provider.stop()


def login(home, *arguments):
    return subprocess.Popen(
        [program("weirctl"), "login", *arguments], env=home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)


def saved(home):
    path = os.path.join(home["WEIR_HOME"], "login.json")
    assert os.stat(path).st_mode & 0o777 == 0o600 and os.stat(home["WEIR_HOME"]).st_mode & 0o777 == 0o700
    return json.loads(open(path).read())


def authorize(address, subject):
    """What the browser does: says who it is, and follows to the port of this machine."""
    request = urllib.request.Request(address, urllib.parse.urlencode({"sub": subject}).encode())
    try:
        urllib.request.build_opener(Unfollowed).open(request)
    except urllib.error.HTTPError as answer:
        return answer.headers["Location"]
    raise AssertionError("not redirected")


def test_a_browser_on_this_machine(home, provider, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("any\n")
    secret.chmod(0o600)
    process = login(home, "--issuer", provider.url, "--scope", "openid", "--client-secret-file", secret)
    address = re.fullmatch(r"open (\S+)\n", process.stderr.readline())[1]
    query = urllib.parse.parse_qs(urllib.parse.urlparse(address).query)
    assert query["code_challenge_method"] == ["S256"] and len(query["code_challenge"][0]) == 43
    back = authorize(address, "ann")
    assert back.startswith("http://127.0.0.1:")
    # An answer to another's question is none.
    for wrong in (back.replace("state=", "state=x"), back.split("?")[0]):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(wrong)
    with urllib.request.urlopen(back) as page:
        assert b"close this page" in page.read()
    assert process.wait(60) == 0
    assert "logged in as ann" in process.stderr.read() and process.stdout.read() == ""
    assert saved(home)["token"].count(".") == 2


def test_another_device(home):
    provider = DeviceProvider(Signer())
    process = login(home, "--issuer", provider.url, "--device")
    assert process.stderr.readline() == f"open {provider.url}/activate and enter ABCD-EFGH\n"
    eventually(lambda: provider.polls >= 2, "not asked again")
    provider.is_approved = True
    assert process.wait(60) == 0 and "logged in as ann" in process.stderr.read()
    assert saved(home)["issuer"] == provider.url
    assert login(home, "--forget").wait(60) == 0
    assert not os.path.exists(os.path.join(home["WEIR_HOME"], "login.json"))


@pytest.mark.parametrize("device, tokens", [
    ({"verification_uri": None, "verification_url": "https://www.google.com/device"}, {"expires_in": 3599}),
    ({"interval": "1", "expires_in": "900"}, {"expires_in": "3599"}), ({"expires_in": 60.5}, {"expires_in": 3599.5}),
], ids=["Google", "Entra ID, first version", "fractions"])
def test_answers_as_some_providers_write_them(home, device, tokens):
    provider = DeviceProvider(Signer(), device, tokens)
    provider.is_approved = True
    process = login(home, "--issuer", provider.url, "--device")
    address = device.get("verification_url", provider.url + "/activate")
    assert process.stderr.readline() == f"open {address} and enter ABCD-EFGH\n"
    assert process.wait(60) == 0 and "logged in as ann" in process.stderr.read()


def test_a_token_that_expires_within_a_second(home):
    signer = Signer()
    provider = DeviceProvider(signer, tokens={"id_token": signer.token(sub="ann", exp=4102444800.75)})
    provider.is_approved = True
    assert login(home, "--issuer", provider.url, "--device").wait(60) == 0
    assert saved(home)["expiry"] == 4102444800


@pytest.mark.parametrize("device, tokens, words", [
    ({}, {"id_token": None, "access_token": "x"}, "no ID token; ask for the scope openid"),
    ({"verification_uri": None}, {}, "none of its answers"), ({"expires_in": "soon"}, {}, "none of its answers"),
    ({"expires_in": -1}, {}, "none of its answers"),
])
def test_answers_that_are_none(home, device, tokens, words):
    provider = DeviceProvider(Signer(), device, tokens)
    provider.is_approved = True
    process = login(home, "--issuer", provider.url, "--device")
    assert process.wait(60) == 1 and words in process.stderr.read()


def test_a_browser_that_comes_back_without(home, provider):
    process = login(home, "--issuer", provider.url)
    address = re.fullmatch(r"open (\S+)\n", process.stderr.readline())[1]
    query = urllib.parse.parse_qs(urllib.parse.urlparse(address).query)
    answer = urllib.parse.urlencode({
        "state": query["state"][0], "error": "access_denied", "error_description": "Ann is not assigned, 2+2"})
    with urllib.request.urlopen(f"{query['redirect_uri'][0]}?{answer}") as page:
        assert b"Not logged in: access_denied: Ann is not assigned, 2+2\n" in page.read()
    assert process.wait(60) == 1
    assert "said no: access_denied: Ann is not assigned, 2+2\n" in process.stderr.read()


def test_a_provider_that_says_no(home):
    provider = DeviceProvider(Signer())
    provider.is_approved = None
    process = login(home, "--issuer", provider.url, "--device")
    assert process.wait(60) == 1 and "said no: access_denied" in process.stderr.read()


@pytest.mark.parametrize("arguments, words", [
    (["--issuer", "http://evil.example"], "only https:// is possible"), ([], "give --issuer"),
    (["--issuer", "https://127.0.0.1:1"], "cannot be reached"),
])
def test_where_one_cannot_log_in(home, arguments, words):
    process = login(home, *arguments)
    assert process.wait(60) != 0 and words in process.stderr.read()


def test_a_discovery_document_of_another_issuer(home):
    provider = DeviceProvider(Signer())
    url, provider.url = provider.url, "https://other.example"
    process = login(home, "--issuer", url, "--device")
    assert process.wait(60) == 1 and "none of its answers" in process.stderr.read()


def test_without_a_token_it_is_said_how_to_get_one(home):
    done = subprocess.run(
        [program("weirctl"), "token", "--operator", "https://127.0.0.1:1", "--connection", "a/b"], env=home,
        capture_output=True, text=True)
    assert done.returncode == 1 and "weirctl login" in done.stderr


def test_help_is_whole(home):
    for command in ("login", "connect", "token", "identities", "identities list", "identities revoke"):
        done = subprocess.run(
            [program("weirctl"), *command.split(), "--help"], env=home, capture_output=True, text=True)
        assert done.returncode == 0 and "OVERVIEW" in done.stdout
