"""The clinic, and the two ways in: around the gateway as the gateway's own role, and through it."""

import pathlib

import psycopg
from stage.playground import Playground

HERE = pathlib.Path(__file__).resolve().parent


class Ground:
    """Use as a context manager."""
    def __init__(self):
        self.playground = Playground("--manifests", HERE / "manifests", "--credential", "owner")

    def __enter__(self):
        values = self.playground.__enter__().values
        self.gateway = self.playground.endpoint("GATEWAY")
        superuser = self.playground.endpoint("DIRECT")
        secrets = pathlib.Path(values["SECRETS"]) / "clinic-db"
        self.direct = type(superuser)(superuser.host, superuser.port, (secrets / "username").read_text(),
                                      (secrets / "password").read_text(), superuser.database)
        self.lay()
        return self

    def __exit__(self, *arguments):
        self.playground.__exit__(*arguments)

    def lay(self):
        """The clinic as new, for what does not take back its writes."""
        self.direct.script(
            "SET client_min_messages = warning; DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;" +
            (HERE / "clinic.sql").read_text())

    def ways(self):
        return (("direct", self.direct), ("gateway", self.gateway))


def connect(endpoint):
    """A psycopg connection that starts transactions as told and by no other word."""
    return psycopg.connect(host=endpoint.host,
                           port=endpoint.port,
                           user=endpoint.user,
                           password=endpoint.password,
                           dbname=endpoint.database,
                           autocommit=True)
