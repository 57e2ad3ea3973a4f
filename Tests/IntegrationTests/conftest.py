"""What every integration test stands on: the playground with the clinic in it."""

import pathlib

import pytest

from stage.playground import Playground
from stage.postgresql import CLINIC_SQL
from stage.stage import Stage

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def playground():
    """A playground with the clinic's tables, under the manifests beside this file."""
    with Playground("--manifests", HERE / "manifests", "--credential", "owner") as running:
        running.endpoint("DIRECT").script("SET ROLE clinic_app;\n" + CLINIC_SQL)
        yield running


@pytest.fixture(scope="session")
def superuser(playground):
    """Around the gateway, as one for whom the database refuses nothing."""
    return playground.endpoint("DIRECT")


@pytest.fixture(scope="session")
def direct(playground, superuser):
    """Around the gateway, as the very role the gateway uses, so that answers can be compared."""
    secrets = pathlib.Path(playground.values["SECRETS"]) / "clinic-db"
    return type(superuser)(
        superuser.host, superuser.port, (secrets / "username").read_text(), (secrets / "password").read_text(),
        superuser.database)


@pytest.fixture(scope="session")
def gateway(playground):
    """Through the gateway."""
    return playground.endpoint("GATEWAY")


@pytest.fixture(scope="session", params=["direct", "gateway"])
def either(request):
    """Each way in: what holds for one must hold for the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def stage():
    """A database and a sink, for a module that starts gateways of its own."""
    with Stage() as running:
        running.start_postgresql()
        running.start_sink()
        yield running
