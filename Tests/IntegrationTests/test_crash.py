"""kill -9 of gateway and sink at random moments under load: nothing acknowledged is lost, nothing runs unrecorded."""

import random
import re
import threading
import time

import pytest
from servers import eventually
from stage.process import ROOT
from stage.stage import Stage
from wire import Wire, error, query

WRITERS = 4


class Writer(threading.Thread):
    """Inserts one id after another, each its own transaction, reconnecting whenever the gateway is gone."""

    def __init__(self, endpoint, first, stop):
        super().__init__()
        self.endpoint, self.next, self.stop = endpoint, first, stop
        self.confirmed = set()

    def run(self):
        while not self.stop.is_set():
            try:
                with Wire(self.endpoint, timeout=10) as session:
                    while not self.stop.is_set():
                        # An id is used once, whatever became of it.
                        self.next += WRITERS
                        if error(session.ask(query(f"INSERT INTO marks VALUES ({self.next})"))) is None:
                            self.confirmed.add(self.next)
            except (OSError, EOFError):
                time.sleep(0.005)


@pytest.mark.parametrize("kills", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_kills_under_load(kills):
    generator = random.Random(20261123)
    with Stage() as stage:
        stage.start_postgresql()
        stage.start_sink()
        gateway = stage.add_gateway(ROOT / "Tests" / "IntegrationTests" / "manifests", users=["tester"])
        database = stage.postgresql.endpoint("clinic")
        database.script("CREATE TABLE marks (id bigint PRIMARY KEY)")
        stop = threading.Event()
        writers = [Writer(gateway.endpoint(), first, stop) for first in range(WRITERS)]

        def confirmed_count():
            return sum(len(writer.confirmed) for writer in writers)

        for writer in writers:
            writer.start()
        try:
            for number in range(kills):
                time.sleep(generator.uniform(0.01, 0.2))
                eventually(lambda: confirmed_count() > 5 * number, "the load is no load")
                if number % 3 == 2:
                    stage.sink.kill()
                    stage.start_sink()
                else:
                    gateway.process.kill()
                    gateway.start()
            time.sleep(0.5)
            eventually(lambda: confirmed_count() > 5 * kills, "the load is no load")
        finally:
            stop.set()
            for writer in writers:
                writer.join(60)
        present = set(map(int, database.psql("-At", "-c", "SELECT id FROM marks").stdout.split()))
        confirmed = set().union(*(writer.confirmed for writer in writers))
        assert confirmed <= present

        recorded = wait_for_records(stage, present)
        assert present <= recorded, f"{len(present - recorded)} statements ran without a record"
        checked = stage.weirctl("verify", stage.sink_data, gateway.records)
        assert checked.returncode == 0, checked.stdout + checked.stderr


def wait_for_records(stage, present):
    """The ids in the intents the sink holds, once it holds all or a while has passed."""
    deadline = time.monotonic() + 120
    while True:
        exported = stage.weirctl("export", "--sink", stage.sink_url).stdout
        recorded = set()
        for line in exported.splitlines():
            recorded.update(map(int, re.findall(r"INSERT INTO marks VALUES \((\d+)\)", line)))
        if present <= recorded or time.monotonic() > deadline:
            return recorded
        time.sleep(0.5)
