"""Replay, verification, and what tampering with the evidence comes to."""

import json
import shutil

from stage.process import wait_until

from .migration import JOB


def replay(world):
    """One session as it happened."""
    told = world.transcript
    told.chapter("Replay")
    told.say("""The migration's session, as an auditor sees it: who, every statement, what was decided and what came of
        it.""")
    done = world.weirctl("sessions", "replay", world.stage.session_of(JOB), "--sink", world.stage.sink_url)
    told.check("every statement of the job is there", all(part in done.text for part in (
        "CREATE TABLE appointment_reminders", "ALTER TABLE patients DROP COLUMN ssn", "DROP TABLE schema_migrations")))
    told.check("with who decided, and why", all(part in done.text for part in (
        "CHG-2041, backup taken", "not part of the change")))
    told.check("and no patient's value", not world.secrets_in(done.text))


def verification(world):
    """The log as it is."""
    told = world.transcript
    told.chapter("Verification")
    told.say("""Every record is chained to the one before it and signed where it was made; the sink keeps one Merkle log
        over all of them. Verifying needs the files and no network.""")
    wait_until(lambda: all(is_at_rest(it.records) for it in world.stage.gateways), "the sink has not taken all", 120)
    done = world.weirctl("verify", world.stage.sink_data, *(g.records for g in world.stage.gateways))
    told.check("the log is whole", done.went_well)


def is_at_rest(records):
    """Whether the last record signs all before it, and the sink has it: nothing is written then until more happens."""
    *_, segment = sorted(records.glob("events-*.jsonl"))
    *_, line = segment.read_bytes().rstrip(b"\0").splitlines()
    acknowledged = records / "acknowledged"
    try:
        last = json.loads(line)
    except ValueError:  # It is being written.
        return False
    return last["type"] == "head" and acknowledged.exists() and int(acknowledged.read_text()) == last["seq"]


def tampering(world):
    """Copies of the log, each changed in one way around the refused DROP."""
    told = world.transcript
    told.chapter("A tampered copy")
    told.say("""Somebody has been at a copy of the gateway's log, of the record of the refused DROP. The log is plain
        JSON lines, so that is easily done, and as easily found.""")
    original = world.stage.gateways[0].records
    segment = next(p for p in sorted(original.rglob("events-*.jsonl")) if b"DROP TABLE" in p.read_bytes())
    lines = segment.read_bytes().splitlines(keepends=True)
    at = next(index for index, line in enumerate(lines) if b"DROP TABLE" in line)
    for what, changed in (
        ("the refusal edited into an allowance", edited(lines, at)),
        ("the record removed", lines[:at] + lines[at + 1:]),
        ("two records exchanged", lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:]),
        ("the log cut off before it", lines[:at]),
    ):
        copy = world.stage.folder / what.replace(" ", "-")
        shutil.copytree(original, copy)
        (copy / segment.relative_to(original)).write_bytes(b"".join(changed))
        done = world.weirctl("verify", copy)
        told.check(f"{what}: noticed", not done.went_well)
    done = world.weirctl("verify", original)
    told.check("the original is whole", done.went_well)


def edited(lines, at):
    """The lines with one verdict turned."""
    turned = lines[at].replace(b'"Refuse"', b'"Allow"')
    assert turned != lines[at]
    return [*lines[:at], turned, *lines[at + 1:]]
