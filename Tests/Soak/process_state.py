"""What the kernel says of a running process: its memory, descriptors and connections."""

import dataclasses
import os
import pathlib
import re


@dataclasses.dataclass(frozen=True)
class Memory:
    """In kB, over all mappings."""

    resident: int
    private_dirty: int


def memory(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return Memory(*(int(re.search(rf"^{field}: +(\d+)", text, re.M)[1]) for field in ("Rss", "Private_Dirty")))


@dataclasses.dataclass(frozen=True)
class Descriptors:
    """Connections of clients, to the database and to the sink, in whatever state; and all other descriptors."""

    clients: int
    upstream: int
    sink: int
    others: int


def descriptors(pid, listen_ports, database_port, sink_port):
    """What the descriptors of a process are."""
    inodes, count = set(), 0
    for entry in os.scandir(f"/proc/{pid}/fd"):
        count += 1
        try:
            target = os.readlink(entry.path)
        except FileNotFoundError:
            count -= 1
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    clients = upstream = sink = 0
    with open("/proc/net/tcp") as table:
        next(table)
        for line in table:
            fields = line.split()
            if fields[9] not in inodes:
                continue
            local, remote = (int(fields[column].split(":")[1], 16) for column in (1, 2))
            upstream += remote == database_port
            sink += remote == sink_port
            clients += local in listen_ports and remote != 0
    return Descriptors(clients, upstream, sink, count - clients - upstream - sink)


def folder_size(folder):
    """Bytes that the files of a folder hold; files that go meanwhile do not count."""
    total = 0
    for path in pathlib.Path(folder).rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            pass
    return total
