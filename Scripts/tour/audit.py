"""Replay, verification, and what tampering with the evidence comes to."""

import json
import shutil

from .migration import JOB


def replay(world):
    """One session as it happened."""
    told = world.transcript
    told.chapter("Replay")
    listed = world.stage.weirctl("sessions", "list", "--sink", world.stage.sink_url, "-o", "json")
    sessions = json.loads(listed.stdout)
    session = next(s["session"] for s in sessions if s["subject"] == JOB)
    told.say("""The migration's session, as an auditor sees it: who, every statement, what was decided and what came of
        it.""")
    done = world.weirctl("sessions", "replay", session, "--sink", world.stage.sink_url)
    told.check("every statement of the job is there", all(part in done.stdout for part in (
        "CREATE TABLE appointment_reminders", "ALTER TABLE patients DROP COLUMN ssn", "DROP TABLE schema_migrations")))
    told.check("with the decision about it", "no-destruction" in done.stdout and "schema-changes" in done.stdout)
    told.check("and no patient's value", not world.secrets_in(done.stdout))


def verification(world):
    """The log as it is."""
    told = world.transcript
    told.chapter("Verification")
    told.say("""Every record is chained to the one before it and signed where it was made; the sink keeps one Merkle log
        over all of them. Verifying needs the files and no network.""")
    done = world.weirctl("verify", world.stage.sink_data, *(g.data for g in world.stage.gateways))
    told.check("the log is whole", done.returncode == 0)


def tampering(world):
    """Copies of the log, each changed in one way."""
    told = world.transcript
    told.chapter("A tampered copy")
    told.say("The same check on copies of the gateway's log that somebody has been at.")
    for what, change in (
        ("one byte of one record edited", edit), ("one record cut out", cut), ("the end cut off", truncate),
    ):
        copy = world.stage.folder / what.replace(" ", "-")
        shutil.copytree(world.stage.gateways[0].data, copy)
        segment = max((p for p in copy.rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
        content = segment.read_bytes()
        segment.write_bytes(change(content))
        done = world.weirctl("verify", copy)
        told.check(f"{what}: noticed", done.returncode != 0)


def edit(content):
    """The middle byte changed."""
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1:]


def cut(content):
    """A stretch in the middle gone."""
    at = len(content) // 2
    return content[:at] + content[at + 100:]


def truncate(content):
    """The last quarter gone."""
    return content[:len(content) * 3 // 4]
