"""Manifests made ready for a stage: a copy whose addresses and ports are those of the moment.

The files are edited as text, so that everything else in them, comments too, reaches the gateway as it was written.
"""

import dataclasses
import pathlib
import re

from .process import Failure, free_port


@dataclasses.dataclass
class Connection:
    """What the stage must know of one DatabaseConnection; `database` is empty where the client chooses."""

    name: str
    database: str
    port: int
    secret: str
    username_key: str
    password_key: str


@dataclasses.dataclass(frozen=True)
class Section:
    """The value of a key in a document: a flow mapping `{...}` or the deeper indented lines after it."""

    start: int
    end: int
    is_flow: bool


def stage_manifests(source, target, upstream_host, upstream_port):
    """Copies the manifests, fills in addresses and ports; returns the connections and the secret keys they name."""
    files = sorted(p for p in pathlib.Path(source).iterdir() if p.suffix in (".yaml", ".yml"))
    if not files:
        raise Failure(f"{source} holds no .yaml file")
    pathlib.Path(target).mkdir(parents=True, exist_ok=True)
    connections, keys = [], set()
    for file in files:
        documents = re.split(r"(?m)^(?=---[ \t]*$)", file.read_text())
        for index, text in enumerate(documents):
            keys |= secret_keys(text)
            if re.search(r"(?m)^kind:\s*DatabaseConnection\s*$", text):
                documents[index], connection = stage_connection(text, upstream_host, upstream_port)
                connections.append(connection)
        (pathlib.Path(target) / file.name).write_text("".join(documents))
    if not connections:
        raise Failure(f"{source} holds no DatabaseConnection")
    return connections, keys


def stage_connection(text, upstream_host, upstream_port):
    """The document with the given upstream and a free port, and what the stage must know of it.

    A list of several hosts stays as it is: whoever wrote it started them.
    """
    port = free_port()
    if not re.search(r"(?m)^[^#]*\bhosts:", text):
        text = replace(text, "upstream", "host", upstream_host)
        text = replace(text, "upstream", "port", upstream_port)
    text = replace(text, "listen", "port", port)
    return text, Connection(
        name=value(text, "metadata", "name"),
        database=value(text, "upstream", "database", ""),
        port=port,
        secret=value(text, "secretRef", "name"),
        username_key=value(text, "secretRef", "usernameKey", "username"),
        password_key=value(text, "secretRef", "passwordKey", "password"),
    )


def secret_keys(text):
    """Every `(secret, key)` that a rule's `keySecretRef` names."""
    places = (match.start() for match in re.finditer(r"(?<![\w-])keySecretRef:", text))
    return {(value(text[at:], "keySecretRef", "name"), value(text[at:], "keySecretRef", "key", "key")) for at in places}


def section(text, key):
    """Where the value of the document's first `key:` stands; `None` when it has none."""
    for match in re.finditer(rf"(?<![\w.-]){re.escape(key)}:[ \t]*", text):
        line_start = text.rfind("\n", 0, match.start()) + 1
        if "#" in text[line_start:match.start()]:
            continue
        if text[match.end():match.end() + 1] == "{":
            depth = 0
            for at in range(match.end(), len(text)):
                depth += {"{": 1, "}": -1}.get(text[at], 0)
                if depth == 0:
                    return Section(match.end(), at + 1, True)
        indent = match.start() - line_start
        line_end = text.index("\n", match.end())
        below = re.compile(rf"(?:\n(?: {{{indent + 1},}}.*|[ \t]*(?=\n)))*").match(text, line_end)
        return Section(line_end, below.end(), False)
    return None


def entries(text, where):
    """The section's own `(key, value start, value end)`, not those of mappings inside it."""
    body = text[where.start:where.end]
    lines = [line for line in body.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    own_indent = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    for match in re.finditer(r"(?<![\w.-])(\w+):[ \t]*([^,}\n#]*)", body):
        line_start = body.rfind("\n", 0, match.start()) + 1
        if where.is_flow:
            is_own = body.count("{", 0, match.start()) - body.count("}", 0, match.start()) == 1
        else:
            is_own = match.start() - line_start == own_indent
        if is_own and "#" not in body[line_start:match.start()]:
            start = where.start + match.start(2)
            yield match[1], start, start + len(match[2].rstrip())


def value(text, key, field, default=None):
    """The scalar `field` of the mapping `key`, without quotes."""
    where = section(text, key)
    for name, start, end in entries(text, where) if where else ():
        if name == field:
            return text[start:end].strip("\"'")
    if default is None:
        raise Failure(f"no {key}.{field} in a manifest")
    return default


def replace(text, key, field, new):
    """The document with `key.field` set to `new`."""
    where = section(text, key)
    for name, start, end in entries(text, where) if where else ():
        if name == field:
            return text[:start] + str(new) + text[end:]
    raise Failure(f"no {key}.{field} in a DatabaseConnection")
