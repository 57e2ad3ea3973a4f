"""A gateway started as the container of a pod is: by its environment, over volumes as Kubernetes mounts them; and an
operator that says what a test wants it to, over HTTPS."""

import copy
import http.server
import json
import os
import queue
import secrets
import ssl
import threading
import urllib.error
import urllib.request

from servers import authority, certificate
from stage.postgresql import Endpoint
from stage.process import Process, free_port, program

NAMESPACE = "clinic"


def mount(volume, files):
    """Files as a projected volume shows them: links through `..data`, swapped as a whole."""
    version = f"..{secrets.token_hex(4)}"
    (volume / version).mkdir(parents=True)
    for name, text in files.items():
        (volume / version / name).parent.mkdir(exist_ok=True)
        (volume / version / name).write_text(text)
    draft = volume / "..data_tmp"
    draft.symlink_to(version)
    os.rename(draft, volume / "..data")
    tops = {name.split("/")[0] for name in files}
    for link in volume.iterdir():
        if not link.name.startswith("..") and link.name not in tops:
            link.unlink()
    for name in tops:
        if not (volume / name).is_symlink():
            (volume / name).symlink_to(f"..data/{name}")


def connection(name, database_port, listen_port, **spec):
    return {
        "apiVersion": "weir.dev/v1alpha1", "kind": "DatabaseConnection",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"tier": "clinic"}},
        "spec": {
            "protocol": "postgres",
            "upstream": {"host": "127.0.0.1", "port": database_port, "database": "clinic", "tls": {"mode": "Disable"}},
            "credentials": {"type": "SecretRef", "secretRef": {"name": "clinic-db"}},
            "podSelector": {"matchLabels": {"app": "clinic-api"}}, "listen": {"port": listen_port}, **spec,
        },
    }


def policy(column, name="wards", **targets):
    """A mask over one column of `wards`; binds the connection `clinic` unless told otherwise."""
    return {
        "apiVersion": "weir.dev/v1alpha1", "kind": "MaskingPolicy", "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "targets": targets or {"connectionNames": ["clinic"]},
            "rules": [{"name": column, "match": {"schemas": ["public"], "tables": ["wards"], "columns": [column]},
                       "action": {"type": "Redact"}}],
        },
    }


def list_of(*objects):
    return {"apiVersion": "v1", "kind": "List", "items": [copy.deepcopy(it) for it in objects]}


class Operator:
    """Streams what it is told to. `answers` is the status of the next requests for the stream, 200 once it is empty."""

    def __init__(self, folder):
        self.folder = folder
        self.answers, self.requests, self.acknowledgements = [], queue.Queue(), queue.Queue()
        self.streams, self.current = [], None
        #: What tokens are verified by.
        self.authority = None
        self.workload = {
            "type": "Workload", "namespace": NAMESPACE, "serviceAccount": "api", "pod": "api-0", "uid": "u"}
        self.port = free_port()
        self.server = None
        self.renew("operator")

    def renew(self, name):
        """Another authority, and another certificate of the operator's own."""
        authority(self.folder, f"{name}-ca")
        certificate(self.folder, f"{name}-ca", name, "IP:127.0.0.1")
        self.name = name

    @property
    def authorities(self):
        return (self.folder / f"{self.name}-ca.crt").read_text()

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def start(self):
        operator = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                operator.requests.put((self.path, self.headers["Authorization"]))
                status = operator.answers.pop(0) if operator.answers else 200
                self.send_response(status)
                if status != 200:
                    self.send_header("Content-Length", "0")
                    return self.end_headers()
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                lines = queue.Queue()
                operator.streams.append(lines)
                self.write(json.dumps(operator.workload) + "\n")
                if operator.authority:
                    self.write(json.dumps(operator.authority) + "\n")
                if operator.current:
                    self.write(operator.current)
                try:
                    while (line := lines.get()) is not None:
                        self.write(line)
                except OSError:
                    pass
                self.close_connection = True

            def write(self, text):
                # In pieces: no chunk is a line.
                data = text.encode()
                for piece in (data[:7], data[7:]):
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                operator.acknowledgements.put(body)
                self.send_response(204)
                self.end_headers()

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{self.name}.crt", self.folder / f"{self.name}.key")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        if self.server:
            self.end_streams()
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def send(self, line):
        for lines in self.streams:
            lines.put(line)

    def end_streams(self):
        self.send(None)
        self.streams.clear()

    def configure(self, *objects, revision):
        """The state from now on, also for those who connect later."""
        message = {"type": "Configuration", "revision": revision, "manifests": list_of(*objects)}
        self.current = json.dumps(message) + "\n"
        self.send(self.current)

    def acknowledged(self, timeout=60):
        return self.acknowledgements.get(timeout=timeout)


class Sidecar:
    """Not started yet; `environment` adds to and overrides what a pod would have. It `was_attested` before by an
    operator: the pod's data folder knows."""

    def __init__(self, stage, name, operator=None, environment=None, was_attested=True):
        self.stage = stage
        self.folder = stage.folder / f"sidecar-{name}"
        self.data, self.config, self.secrets = (self.folder / part for part in ("data", "config", "secrets"))
        for folder in (self.data, self.config, self.secrets):
            folder.mkdir(parents=True)
        self.port, self.health_port = free_port(), free_port()
        self.token = self.folder / "token"
        self.token.write_text("first-token\n")
        stage.postgresql.ensure_database("clinic")
        mount(self.secrets, {"clinic-db/username": "postgres", "clinic-db/password": stage.postgresql.password})
        variables = {
            "MANIFESTS": self.config, "NAMESPACE": NAMESPACE, "NAME": f"{NAMESPACE}.api-{name}",
            "LISTEN_ADDRESS": "127.0.0.1", "SECRETS": self.secrets, "DATA": self.data, "SINK": stage.sink_url,
            "WORKLOAD_IDENTITY": f"system:serviceaccount:{NAMESPACE}:api",
            "WORKLOAD_GROUPS": f"system:serviceaccounts,system:serviceaccounts:{NAMESPACE}",
            "CONNECTIONS": "clinic", "HEALTH_ADDRESS": f"127.0.0.1:{self.health_port}",
        }
        if was_attested:
            (self.data / "workload").write_text("\n".join([NAMESPACE, "api", "api-0", "u"]))
        if operator:
            variables |= {
                "OPERATOR": operator.url, "OPERATOR_CA": self.config / "operator-ca.crt", "TOKEN": self.token}
        variables |= environment or {}
        self.environment = {f"WEIR_{key}": str(value) for key, value in variables.items()}
        self.process = Process(
            f"weir-gateway {name}", [program("weir-gateway"), "run"], self.folder / "log", port=None,
            environment=self.environment)

    @property
    def log(self):
        return (self.folder / "log").read_text()

    def connection(self, **spec):
        return connection("clinic", self.stage.postgresql.port, self.port, **spec)

    def snapshot(self, *objects, authorities=None, **more):
        """What the operator has rendered; `more` are further connections' files."""
        files = {"clinic.yaml": json.dumps(list_of(*objects))}
        files |= {f"{name}.yaml": json.dumps(content) for name, content in more.items()}
        mount(self.config, files | ({"operator-ca.crt": authorities} if authorities else {}))

    def get(self, path):
        """Status and text of an answer to a probe; status 0: nobody there."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}{path}", timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def endpoint(self):
        return Endpoint("127.0.0.1", self.port, "anyone", "", "clinic")
