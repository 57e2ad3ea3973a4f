"""What admission of a pod takes: the webhook on one core, asked over TLS as the API server asks it."""

import http.client
import json
import os
import pathlib
import queue
import ssl
import subprocess
import tempfile
import threading
import time

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / ".build/release/bench-admission"
#: Requests a second, and how many of them are going at once at most.
RATE, CONNECTIONS = 200, 8
#: Bytes of the pod.
SIZE = 40_000


def measure(seconds=20):
    """Rows of what was measured: name and text."""
    latencies, cpu = run(review(SIZE), seconds)
    latencies.sort()
    count = len(latencies)

    def at(share):
        return latencies[min(count - 1, int(count * share))] * 1000

    what = f"inject a pod of {SIZE // 1000} KB, {RATE} a second, one core: p50 / p99 in ms"
    yield what, f"{at(.5):.2f} / {at(.99):.2f}"
    yield "the same: CPU of the webhook for each, in ms", f"{cpu / count * 1000:.2f}"


def review(size):
    """An AdmissionReview of a pod of that size: containers with variables, mounts and annotations."""
    containers = []
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": containers},
           "metadata": {"generateName": "clinic-api-", "labels": {"app": "clinic-api"}, "annotations": {}}}
    while len(json.dumps(pod)) < size:
        number = len(containers)
        pod["metadata"]["annotations"][f"example.com/{number}"] = "x" * 400
        variables = [{"name": f"SETTING_{index}", "value": f"value of {index}"} for index in range(30)]
        variables.append({"name": "DATABASE_URL", "value": "postgres://app:secret@db.internal/clinic"})
        containers.append({
            "name": f"api-{number}", "image": "registry.example/api:1", "env": variables,
            "volumeMounts": [{"name": f"data-{index}", "mountPath": f"/data/{index}"} for index in range(5)],
            "resources": {"requests": {"cpu": "100m"}}, "ports": [{"containerPort": 8000 + number}],
        })
    kind = {"group": "", "version": "v1", "kind": "Pod"}
    request = {"uid": "1", "kind": kind, "operation": "CREATE", "namespace": "default", "object": pod}
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}).encode()


def run(body, seconds):
    with tempfile.TemporaryDirectory() as folder:
        authority = os.path.join(folder, "authority.pem")
        process = subprocess.Popen([PROGRAM, "--authority", authority], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            port = int(process.stdout.readline())
            cores = sorted(os.sched_getaffinity(0))
            for thread in os.listdir(f"/proc/{process.pid}/task"):
                os.sched_setaffinity(int(thread), {cores[-1]})
            context = ssl.create_default_context(cafile=authority)
            load(body, port, context, 2)
            before = cpu_of(process.pid)
            latencies = load(body, port, context, seconds)
            return latencies, cpu_of(process.pid) - before
        finally:
            process.kill()
            process.wait()


def cpu_of(pid):
    """Seconds of user and system time so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(body, port, context, seconds):
    """Latencies in seconds, counted from when a request was due, so that a queue shows."""
    due, latencies, faults = queue.Queue(), [], []

    def work():
        connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=10)
        connection.connect()
        ready.wait()
        while (moment := due.get()) is not None:
            connection.request("POST", "/inject?timeout=5s", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            latencies.append(time.perf_counter() - moment)
            if answer.status != 200 or b'"patch":' not in text:
                faults.append(answer.status)
        connection.close()

    ready = threading.Barrier(CONNECTIONS + 1)
    workers = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for worker in workers:
        worker.start()
    ready.wait()
    start = time.perf_counter()
    for number in range(int(RATE * seconds)):
        moment = start + number / RATE
        time.sleep(max(0, moment - time.perf_counter()))
        due.put(time.perf_counter())
    for _ in workers:
        due.put(None)
    for worker in workers:
        worker.join()
    if faults:
        raise SystemExit(f"{len(faults)} requests were not answered with a patch")
    return latencies
