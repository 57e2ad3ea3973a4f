"""The chart's release in the world: how it is installed, and its parts."""

from plays import SYSTEM

#: Of the operator, as the chart has them.
REPLICAS = 2


def condition(item, kind):
    return next((it for it in (item or {}).get("status", {}).get("conditions", []) if it["type"] == kind), {})


def is_ready(item):
    return condition(item, "Ready").get("status") == "True" and (
        item["status"]["observedGeneration"] == item["metadata"]["generation"])


def install(world, *values):
    values = [f"operator.replicas={REPLICAS}", *world.values, *values]
    return world.tool.helm(
        "upgrade", "--install", "weir", str(world.chart), "--namespace", SYSTEM, "--create-namespace",
        *world.helm_options, *(part for value in values for part in ("--set", value)))


def component(world, name):
    return world.kubelet.pod(SYSTEM, **{"app.kubernetes.io/component": name})


def operator(world):
    return component(world, "operator")


def operator_serves(world):
    pod = operator(world)
    return pod if pod and pod.is_ready and world.calls_operators() else None


def operators(world):
    """All replicas that run."""
    return [pod for pod in list(world.kubelet.pods.values()) if world.is_operator(pod)]
