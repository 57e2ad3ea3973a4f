"""How libpq asks for encryption, and what it gets: every sslmode, with and without TLS, with and without GSSAPI."""

import struct
import time

import pytest
from servers import authority, certificate, one_host, through

PLAIN = one_host(tls="{mode: Disable}")


@pytest.fixture(scope="module")
def stage(stage):
    authority(stage.folder, "ca")
    certificate(stage.folder, "ca", "gateway", "DNS:localhost")
    return stage


@pytest.fixture(scope="module")
def gateways(stage):
    """Without TLS, with it, and with nothing else."""
    tls = ["--tls-certificate", stage.folder / "gateway.crt", "--tls-key", stage.folder / "gateway.key"]
    return {"none": through(stage, PLAIN, name="none"), "offered": through(stage, PLAIN, name="offered", options=tls),
            "required": through(stage, PLAIN, name="required", options=[*tls, "--require-tls"])}


@pytest.fixture(scope="module")
def kerberos(stage):
    """A credential cache with a ticket for a realm that is not there: with one libpq asks for GSSAPI first."""
    cache = stage.folder / "krb5cc"
    cache.write_bytes(credential_cache())
    config = stage.folder / "krb5.conf"
    config.write_text("[libdefaults]\ndefault_realm = WEIR.TEST\ndns_lookup_kdc = false\n")
    return {"KRB5CCNAME": f"FILE:{cache}", "KRB5_CONFIG": str(config)}


def credential_cache():
    """A cache in MIT's file format, version 4, with a ticket-granting ticket of no use."""
    def data(text):
        return struct.pack("!I", len(text)) + text

    def principal(kind, *parts):
        return struct.pack("!II", kind, len(parts)) + data(b"WEIR.TEST") + b"".join(map(data, parts))

    now = int(time.time())
    someone, granter = principal(1, b"someone"), principal(2, b"krbtgt", b"WEIR.TEST")
    ticket = (someone + granter + struct.pack("!H", 18) + data(b"k" * 32)
              + struct.pack("!IIII", now, now, now + 36000, now + 36000) + struct.pack("!BI", 0, 0)
              + struct.pack("!II", 0, 0) + data(b"ticket") + data(b""))
    return b"\x05\x04\x00\x00" + someone + ticket


ANSWERS = {
    "none": {"disable": "plain", "allow": "plain", "prefer": "plain", "require": "refused", "verify-ca": "refused",
             "verify-full": "refused"},
    "offered": {"disable": "plain", "allow": "plain", "prefer": "TLS", "require": "TLS", "verify-ca": "TLS",
                "verify-full": "TLS"},
    "required": {"disable": "refused", "allow": "TLS", "prefer": "TLS", "require": "TLS", "verify-ca": "TLS",
                 "verify-full": "TLS"},
}


def answer(gateway, stage, **more):
    shown = gateway.endpoint().psql(
        "-At", "-c", r"\conninfo", PGHOST="localhost", PGSSLROOTCERT=str(stage.folder / "ca.crt"), **more)
    if shown.returncode != 0:
        return "refused", shown.stderr
    return ("TLS" if "SSL connection" in shown.stdout else "plain"), shown.stdout


@pytest.mark.parametrize("gss", ["disable", "prefer"])
@pytest.mark.parametrize("mode", ANSWERS["none"])
@pytest.mark.parametrize("offer", ANSWERS)
def test_every_sslmode(gateways, stage, kerberos, offer, mode, gss):
    """`prefer` with a ticket asks for GSSAPI first, and for TLS on the same connection when that is declined."""
    got, text = answer(gateways[offer], stage, PGSSLMODE=mode, PGGSSENCMODE=gss, **kerberos)
    assert got == ANSWERS[offer][mode], text


def test_gss_encryption_is_declined(gateways, stage, kerberos):
    got, text = answer(gateways["offered"], stage, PGSSLMODE="prefer", PGGSSENCMODE="require", **kerberos)
    assert got == "refused" and "server doesn't support GSSAPI encryption" in text, text


def test_another_name_than_the_certificates(gateways, stage):
    got, text = answer(gateways["offered"], stage, PGSSLMODE="verify-full", PGHOSTADDR="127.0.0.1")
    assert got == "TLS", text
    done = gateways["offered"].endpoint().psql(
        "-c", "SELECT 1", PGHOST="127.0.0.1", PGSSLMODE="verify-full", PGSSLROOTCERT=str(stage.folder / "ca.crt"))
    assert done.returncode == 2 and "certificate" in done.stderr
