"""What happens to a gateway in an hour: its database restarts, its sink too, its policies are edited."""

import os
import pathlib
import re
import signal
import time

from stage.process import Failure

#: Longest a killed server may take to be back, in seconds.
RECOVERY_TIME = 60
#: How a postmaster is ended: fast and immediate shutdown, and a crash.
ENDINGS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "kill": signal.SIGKILL}


class Disturbances:
    """Each method is an operation as those of the clients."""

    def __init__(self, stage, gateway):
        self.stage, self.gateway = stage, gateway
        self.policy = gateway.manifests / "masking.yaml"
        self.good_policy = self.policy.read_text()
        self.restarts = 0

    def restart_server(self, world, generator):
        """Ends the server in one of three ways, in turn, and brings it back."""
        ending = list(ENDINGS)[self.restarts % len(ENDINGS)]
        self.restarts += 1
        server = self.stage.postgresql
        end = world.begin_outage()
        try:
            if ending == "kill":
                stop_backends(server.process.pid)
            server.process.stop(ENDINGS[ending])
            time.sleep(generator.uniform(0, 1.5))
            start_again(server)
        finally:
            end()
        world.counts[f"server restarts ({ending})"] += 1

    def restart_sink(self, world, generator):
        """Ends the sink, politely or not, and brings it back after a while."""
        if generator.random() < 0.5:
            self.stage.sink.stop()
        else:
            self.stage.sink.kill()
        time.sleep(generator.uniform(0, 4))
        self.stage.start_sink()

    def edit_policy(self, world, generator):
        """Rewrites the policy: another mask, another order, or a fault in it, which must leave the last good one."""
        how = generator.randrange(3)
        if how == 0:
            keep = generator.randint(2, 4)
            self.policy.write_text(re.sub(r"keepLast: \d", f"keepLast: {keep}", self.good_policy))
        elif how == 1:
            self.policy.write_text(self.good_policy + f"# edited {generator.random()}\n")
        else:
            self.policy.write_text(self.good_policy.replace("type: Redact", "type: Nothing", 1))
            time.sleep(generator.uniform(0.1, 1.5))
            self.policy.write_text(self.good_policy)

    def of(self, restart_interval):
        """Each with the mean pause after it in seconds."""
        return (
            (self.restart_server, restart_interval), (self.restart_sink, 45.0), (self.edit_policy, 8.0))


def stop_backends(postmaster):
    """Kills the processes of a postmaster, which itself can make no more: a busy one would not notice its end."""
    os.kill(postmaster, signal.SIGSTOP)
    for child in pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)


def start_again(server):
    """Starts a server that ended; one that was killed leaves its shared memory for a moment."""
    deadline = time.monotonic() + RECOVERY_TIME
    while True:
        try:
            if server.process.handle.poll() is not None:
                server.process.start(timeout=RECOVERY_TIME)
            server.wait_until_ready()
            return
        except Failure:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
