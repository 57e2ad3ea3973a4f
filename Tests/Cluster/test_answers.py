"""What a real API server was seen to answer, one fact a test."""

import json
import threading
import time

import pytest

from cluster import VERSIONS, Tool
from real_cluster import RealCluster

GROUP = "/apis/weir.dev/v1alpha1"
RULE = {
    "apiVersion": "weir.dev/v1alpha1", "kind": "ApprovalRule", "metadata": {"name": "rule"},
    "spec": {"targets": {"connectionNames": ["clinic"]}, "match": {"statements": ["Drop"]}, "effect": "Deny"},
}
APPLY = "application/apply-patch+yaml"


def rules(namespace, name=""):
    return f"{GROUP}/namespaces/{namespace}/approvalrules" + (f"/{name}" if name else "")


def config_maps(namespace, name=""):
    return f"/api/v1/namespaces/{namespace}/configmaps" + (f"/{name}" if name else "")


def config_map(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def pod(name, **labels):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels},
            "spec": {"initContainers": [{"name": "side", "image": "a:1", "restartPolicy": "Always"}],
                     "containers": [{"name": "app", "image": "b:1", "env": [{"name": "A", "value": "1"}]}]}}


def eventually(question, answer, seconds=120):
    """Whether it is the answer before long: collectors of garbage have a round to make."""
    end = time.monotonic() + seconds
    while question() != answer and time.monotonic() < end:
        time.sleep(0.1)
    return question() == answer


def create(cluster, path, body):
    status, _, answer = cluster.request("POST", path, body)
    assert status == 201, answer
    return answer


def apply(cluster, path, body, manager="m", **query):
    query = "&".join([f"fieldManager={manager}", *(f"{key}={value}" for key, value in query.items())])
    return cluster.request("PATCH", f"{path}?{query}", body, APPLY)


# Writing


def test_apply_conflict_names_field_and_manager(cluster, definitions, namespace):
    assert apply(cluster, rules(namespace, "rule"), RULE, "one")[0] == 201
    changed = json.loads(json.dumps(RULE))
    changed["spec"]["effect"] = "RequireApproval"
    changed["spec"]["approval"] = {"approvers": {"groups": ["dba"]}}
    status, _, answer = apply(cluster, rules(namespace, "rule"), changed, "two")
    assert (status, answer["reason"]) == (409, "Conflict")
    cause = answer["details"]["causes"][0]
    assert (cause["reason"], cause["field"]) == ("FieldManagerConflict", ".spec.effect")


def test_an_unknown_field_is_a_warning_on_post_an_error_on_apply(cluster, definitions, namespace, since):
    since(1, 25)
    wrong = json.loads(json.dumps(RULE))
    wrong["spec"]["colour"] = "blue"
    status, headers, answer = cluster.request("POST", rules(namespace), wrong)
    assert (status, headers["Warning"]) == (201, '299 - "unknown field \\"spec.colour\\""')
    assert "colour" not in answer["spec"]
    assert cluster.request("POST", rules(namespace) + "?fieldValidation=Strict", wrong)[0] == 400
    status, _, answer = apply(cluster, rules(namespace, "other"), {**wrong, "metadata": {"name": "other"}})
    assert (status, answer.get("reason")) == (500, None)


def test_apply_with_the_uid_of_a_deleted_object(cluster, namespace):
    made = create(cluster, config_maps(namespace), config_map("a"))
    cluster.request("DELETE", config_maps(namespace, "a"))
    again = {**config_map("a"), "metadata": {"name": "a", "uid": made["metadata"]["uid"]}}
    status, _, answer = apply(cluster, config_maps(namespace, "a"), again)
    assert status == 409 and "uid mismatch" in answer["message"]


def test_a_no_op_apply_writes_nothing_but_a_status_default_once(cluster, definitions, namespace):
    path = rules(namespace, "rule")
    versions = [apply(cluster, path, RULE)[2]["metadata"]["resourceVersion"] for _ in range(4)]
    assert versions[0] != versions[1] == versions[2] == versions[3]


def test_a_strategic_merge_of_a_custom_resource(cluster, definitions, namespace):
    create(cluster, rules(namespace), RULE)
    kind = "application/strategic-merge-patch+json"
    assert cluster.request("PATCH", rules(namespace, "rule"), {"spec": {}}, kind)[0] == 415


def test_a_json_patch_whose_test_fails(cluster, namespace):
    create(cluster, config_maps(namespace), config_map("a", x="1"))
    patch = [{"op": "test", "path": "/data/x", "value": "2"}]
    assert cluster.request("PATCH", config_maps(namespace, "a"), patch, "application/json-patch+json")[0] == 422


def test_generation_counts_changes_of_the_spec_alone(cluster, definitions, namespace):
    create(cluster, rules(namespace), RULE)
    path = rules(namespace, "rule")

    def patch(body, sub=""):
        return cluster.request("PATCH", path + sub, body, "application/merge-patch+json")[2]["metadata"]

    first = patch({"metadata": {"labels": {"a": "b"}}})
    second = patch({"status": {"connections": 1}}, "/status")
    third = patch({"spec": {"priority": 1}, "status": {"connections": 2}})
    assert [meta["generation"] for meta in (first, second, third)] == [1, 1, 2]
    assert int(first["resourceVersion"]) < int(second["resourceVersion"]) < int(third["resourceVersion"])
    assert cluster.get(path)[2]["status"]["connections"] == 1


def test_an_old_resource_version_is_a_conflict(cluster, namespace):
    made = create(cluster, config_maps(namespace), config_map("a", x="1"))
    cluster.request("PATCH", config_maps(namespace, "a"), {"data": {"x": "2"}}, "application/merge-patch+json")
    status, _, answer = cluster.request("PUT", config_maps(namespace, "a"), made)
    assert (status, answer["reason"]) == (409, "Conflict")
    assert cluster.request("POST", config_maps(namespace), config_map("a"))[2]["reason"] == "AlreadyExists"


def test_large_config_maps_and_bodies(cluster, namespace):
    path = config_maps(namespace)
    status, _, answer = cluster.request("POST", path, config_map("a", x="x" * (1 << 20) + "x"))
    assert (status, answer["reason"]) == (422, "Invalid")
    assert cluster.request("POST", path, config_map("a", x="x" * (3 << 20)))[0] == 413


def test_lease_times_have_six_digits(cluster, namespace):
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "a"},
             "spec": {"renewTime": "2026-01-01T00:00:00.000000Z"}}
    assert cluster.request("POST", path, lease)[0] == 201
    lease["metadata"]["name"] = "b"
    lease["spec"]["renewTime"] = "2026-01-01T00:00:00Z"
    assert cluster.request("POST", path, lease)[0] == 400


def test_of_a_pod_only_image_and_metadata_change(cluster, namespace):
    path = f"/api/v1/namespaces/{namespace}/pods"
    create(cluster, path, pod("a"))

    def patch(body):
        return cluster.request("PATCH", f"{path}/a", body, "application/strategic-merge-patch+json")[0]

    assert patch({"metadata": {"annotations": {"a": "b"}},
                  "spec": {"initContainers": [{"name": "side", "image": "a:2"}]}}) == 200
    assert patch({"spec": {"containers": [{"name": "app", "env": [{"name": "A", "value": "2"}]}]}}) == 422
    assert patch({"spec": {"containers": [{"name": "app", "args": ["x"]}]}}) == 422
    assert patch({"spec": {"containers": [{"name": "app", "resources": {"limits": {"cpu": "1"}}}]}}) == 422


# Reading


def test_pages_show_one_state(cluster, namespace):
    path = config_maps(namespace)
    for name in "abcd":
        create(cluster, path, config_map(name))
    first = cluster.get(path, limit=2)[2]
    cluster.request("DELETE", config_maps(namespace, "d"))
    create(cluster, path, config_map("e"))
    second = cluster.get(path, limit=2, **{"continue": first["metadata"]["continue"]})[2]
    assert [item["metadata"]["name"] for item in first["items"] + second["items"]] == list("abcd")
    assert first["metadata"]["resourceVersion"] == second["metadata"]["resourceVersion"]
    assert first["metadata"]["remainingItemCount"] == 2 and "continue" not in second["metadata"]


def test_limit_is_ignored_at_revision_zero_and_continue_takes_no_revision(cluster, namespace):
    path = config_maps(namespace)
    for name in "abc":
        create(cluster, path, config_map(name))
    assert len(cluster.get(path, limit=1, resourceVersion=0)[2]["items"]) == 3
    token = cluster.get(path, limit=1)[2]["metadata"]["continue"]
    assert cluster.get(path, limit=1, resourceVersion=5, **{"continue": token})[0] == 400
    assert cluster.get(path, **{"continue": "garbage"})[0] == 400


def test_an_expired_continue_brings_another(cluster, namespace):
    path = config_maps(namespace)
    for name in "abc":
        create(cluster, path, config_map(name))
    token = cluster.get(path, limit=1)[2]["metadata"]["continue"]
    create(cluster, path, config_map("d"))
    cluster.control("compact")
    status, _, answer = cluster.get(path, limit=1, **{"continue": token})
    assert (status, answer["reason"]) == (410, "Expired")
    rest = cluster.get(path, **{"continue": answer["metadata"]["continue"]})[2]
    assert [item["metadata"]["name"] for item in rest["items"]] == list("bcd")


def test_the_future(cluster, namespace):
    future = int(cluster.get(config_maps(namespace))[2]["metadata"]["resourceVersion"]) + 1000
    status, _, answer = cluster.get(config_maps(namespace), resourceVersion=future)
    assert (status, answer["details"]["causes"][0]["reason"]) == (504, "ResourceVersionTooLarge")
    assert list(cluster.watch(config_maps(namespace), timeout=2, resourceVersion=future)) == []


def test_an_unknown_group_is_plain_text(cluster):
    status, headers, body = cluster.get("/apis/nobody.example/v1/things")
    assert (status, body) == (404, "404 page not found\n")
    assert headers["Content-Type"].startswith("text/plain")


# Watching


def events(lines):
    return [(event["type"], event["object"].get("metadata", {}).get("name")) for event in map(json.loads, lines)]


def test_a_watch_goes_on_from_a_list(cluster, namespace):
    path = config_maps(namespace)
    create(cluster, path, config_map("a"))
    since = cluster.get(path)[2]["metadata"]["resourceVersion"]
    create(cluster, path, config_map("b"))
    cluster.request("DELETE", config_maps(namespace, "a"))
    assert events(cluster.watch(path, timeout=1, resourceVersion=since)) == [("ADDED", "b"), ("DELETED", "a")]


def test_a_watch_of_a_selection_sees_objects_enter_and_leave(cluster, namespace):
    path = config_maps(namespace)
    since = create(cluster, path, config_map("a"))["metadata"]["resourceVersion"]
    for label in ("x", "y"):
        cluster.request("PATCH", config_maps(namespace, "a"), {"metadata": {"labels": {"l": label}}},
                        "application/merge-patch+json")
    lines = cluster.watch(path, timeout=1, resourceVersion=since, labelSelector="l=x")
    assert events(lines) == [("ADDED", "a"), ("DELETED", "a")]


def test_a_watch_at_a_forgotten_revision(cluster, namespace):
    path = config_maps(namespace)
    since = create(cluster, path, config_map("a"))["metadata"]["resourceVersion"]
    create(cluster, path, config_map("b"))
    cluster.control("compact")
    lines = [json.loads(line) for line in cluster.watch(path, timeout=5, resourceVersion=since)]
    assert [(line["type"], line["object"]["code"]) for line in lines] == [("ERROR", 410)]


def test_bookmarks_come_at_intervals_and_before_the_end(cluster, namespace):
    if isinstance(cluster, RealCluster):
        pytest.skip("a real API server has a minute between two")
    path = config_maps(namespace)
    create(cluster, path, config_map("a"))
    since = cluster.get(path)[2]["metadata"]["resourceVersion"]
    started = time.monotonic()
    query = {"resourceVersion": since, "allowWatchBookmarks": "true"}
    lines = [json.loads(line) for line in cluster.watch(path, timeout=3, **query)]
    assert time.monotonic() - started > 2.5
    assert [line["type"] for line in lines] == ["BOOKMARK", "BOOKMARK"]
    assert events(cluster.watch(path, timeout=3, resourceVersion=since)) == []


def test_a_watch_list_marks_where_what_is_there_ends(cluster, namespace, since):
    since(1, 27)
    path = config_maps(namespace)
    create(cluster, path, config_map("a"))
    query = {"sendInitialEvents": "true", "allowWatchBookmarks": "true", "timeoutSeconds": 2}
    assert cluster.get(path, watch="true", **query)[0] == 422
    query["timeout"] = query.pop("timeoutSeconds")
    lines = [json.loads(line) for line in cluster.watch(path, resourceVersionMatch="NotOlderThan", **query)]
    assert [line["type"] for line in lines[:2]] == ["ADDED", "BOOKMARK"]
    assert lines[1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_lines_of_a_megabyte(cluster, namespace):
    path = config_maps(namespace)
    since = cluster.get(path)[2]["metadata"]["resourceVersion"]
    create(cluster, path, config_map("a", x="x" * (1 << 20)))
    line, = cluster.watch(path, timeout=1, resourceVersion=since)
    assert len(line) > 1 << 20


# Deleting


def test_finalizers_hold_and_owners_take_along(cluster, namespace):
    path = config_maps(namespace)
    owner = create(cluster, path, config_map("owner"))["metadata"]["uid"]
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner}
    for name in ("held", "owned"):
        owned = config_map(name)
        owned["metadata"]["ownerReferences"] = [reference]
        owned["metadata"]["finalizers"] = ["weir.dev/test"] if name == "held" else []
        create(cluster, path, owned)
    cluster.request("DELETE", config_maps(namespace, "owner"))

    def left():
        return [(item["metadata"]["name"], "deletionTimestamp" in item["metadata"])
                for item in cluster.get(path)[2]["items"]]
    assert eventually(left, [("held", True)])
    cluster.request("PATCH", config_maps(namespace, "held"), {"metadata": {"finalizers": None}},
                    "application/merge-patch+json")
    assert eventually(left, [])


@pytest.mark.parametrize("policy", ["Foreground", "Orphan"])
def test_the_other_ways_to_delete_an_owner(cluster, namespace, policy):
    path = config_maps(namespace)
    owner = create(cluster, path, config_map("owner"))["metadata"]["uid"]
    owned = config_map("owned")
    owned["metadata"]["ownerReferences"] = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner}]
    create(cluster, path, owned)
    cluster.request("DELETE", config_maps(namespace, "owner"), {"propagationPolicy": policy})

    def left():
        return [(item["metadata"]["name"], item["metadata"].get("ownerReferences"))
                for item in cluster.get(path)[2]["items"]]
    assert eventually(left, [("owned", None)] if policy == "Orphan" else [])


def test_a_deletion_of_another_object_of_the_name(cluster, namespace):
    create(cluster, config_maps(namespace), config_map("a"))
    body = {"preconditions": {"uid": "other"}}
    assert cluster.request("DELETE", config_maps(namespace, "a"), body)[0] == 409
    assert cluster.get(config_maps(namespace, "a"))[0] == 200


def evict(cluster, namespace, name):
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}
    return cluster.request("POST", f"/api/v1/namespaces/{namespace}/pods/{name}/eviction", body)


def test_budgets_refuse_evictions(cluster, namespace, since):
    since(1, 21)
    budgets = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
    create(cluster, f"/api/v1/namespaces/{namespace}/pods", pod("a", app="a"))
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"},
              "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "a"}}}}
    create(cluster, budgets, budget)
    status, headers, _ = evict(cluster, namespace, "a")
    assert (status, headers["Retry-After"]) == (429, "10")

    def allow(count):
        body = {"status": {"observedGeneration": 1, "disruptionsAllowed": count}}
        cluster.request("PATCH", f"{budgets}/b/status", body, "application/merge-patch+json")

    allow(0)
    status, headers, _ = evict(cluster, namespace, "a")
    assert (status, headers["Retry-After"]) == (429, None)
    allow(1)
    create(cluster, budgets, {**budget, "metadata": {"name": "c"}})
    assert evict(cluster, namespace, "a")[0] == 500
    cluster.request("DELETE", f"{budgets}/c")
    assert evict(cluster, namespace, "a")[0] == 201
    assert cluster.get(f"{budgets}/b")[2]["status"]["disruptionsAllowed"] == 0


# Credentials


def issue(cluster, namespace, **spec):
    accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "sa"}}
    cluster.request("POST", accounts, account)
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    return create(cluster, f"{accounts}/sa/token", request)["status"]["token"]


def review(cluster, token, *audiences):
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
               "spec": {"token": token, "audiences": list(audiences)}}
    return create(cluster, "/apis/authentication.k8s.io/v1/tokenreviews", request)["status"]


def test_a_token_holds_for_its_audience(cluster, namespace):
    token = issue(cluster, namespace, audiences=["weir"])
    answer = review(cluster, token, "weir", "other")
    assert answer["authenticated"] and answer["audiences"] == ["weir"]
    assert answer["user"]["username"] == f"system:serviceaccount:{namespace}:sa"
    refused = review(cluster, token, "other")
    assert "authenticated" not in refused and refused["error"]
    headers = {"Authorization": f"Bearer {token}"}
    assert cluster.request("GET", config_maps(namespace), headers=headers)[0] == 401
    own = issue(cluster, namespace)
    assert cluster.request("GET", config_maps(namespace), headers={"Authorization": f"Bearer {own}"})[0] == 403


def test_kubectl_makes_tokens(cluster, tool, namespace):
    tool.kubectl("create", "serviceaccount", "sa", "-n", namespace)
    token = tool.kubectl("create", "token", "sa", "-n", namespace, "--audience=weir", "--duration=20m").stdout.strip()
    answer = review(cluster, token, "weir")
    assert answer["authenticated"] and answer["user"]["username"] == f"system:serviceaccount:{namespace}:sa"


def test_a_token_outlives_its_pod_by_ten_seconds(cluster, namespace):
    pods = f"/api/v1/namespaces/{namespace}/pods"
    issue(cluster, namespace)
    item = pod("a")
    item["spec"]["serviceAccountName"] = "sa"
    uid = create(cluster, pods, item)["metadata"]["uid"]
    other = create(cluster, pods, pod("b"))["metadata"]["uid"]
    request = {"spec": {"boundObjectRef": {"kind": "Pod", "name": "b", "uid": other}}}
    assert cluster.request("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/sa/token", request)[0] == 400
    token = issue(cluster, namespace, audiences=["weir"], boundObjectRef={"kind": "Pod", "name": "a", "uid": uid})
    assert review(cluster, token, "weir")["user"]["extra"]["authentication.kubernetes.io/pod-uid"] == [uid]
    cluster.request("DELETE", f"{pods}/a")
    assert review(cluster, token, "weir")["authenticated"]
    cluster.control("clock", {"seconds": 11})
    assert "authenticated" not in review(cluster, token, "weir")


# What goes wrong on purpose


def test_bursts_of_refusals(cluster, namespace):
    cluster.control("faults", {"failures": [{"code": 429, "reason": "TooManyRequests", "retryAfter": 1, "count": 2}]})
    answers = [cluster.get(config_maps(namespace)) for _ in range(3)]
    assert [status for status, _, _ in answers] == [429, 429, 200]
    assert answers[0][1]["Retry-After"] == "1"


@pytest.mark.parametrize(("fault", "expected"), [
    ("duplicate", ["a", "a"]), ("cut", []), ("truncated", [None]), ("halfOpen", []), ("expired", [410]),
])
def test_watches_that_go_wrong(cluster, namespace, fault, expected):
    path = config_maps(namespace)
    since = cluster.get(path)[2]["metadata"]["resourceVersion"]
    cluster.control("faults", {"watch": [fault]})
    create(cluster, path, config_map("a"))
    told = []
    for line in cluster.watch(path, timeout=2, resourceVersion=since):
        try:
            event = json.loads(line)
            told.append(event["object"].get("code") or event["object"]["metadata"]["name"])
        except ValueError:
            told.append(None)
    assert told == expected


def test_writers_at_once_lose_nothing(cluster, namespace):
    path = config_maps(namespace)
    create(cluster, path, config_map("a"))
    since = cluster.get(path)[2]["metadata"]["resourceVersion"]

    def write(number):
        for index in range(10):
            body = {"data": {f"k{number}-{index}": "x"}}
            status, _, _ = cluster.request("PATCH", config_maps(namespace, "a"), body, "application/merge-patch+json")
            assert status == 200

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(cluster.get(config_maps(namespace, "a"))[2]["data"]) == 40
    assert len(list(cluster.watch(path, timeout=1, resourceVersion=since))) == 40


def test_compaction_at_any_time_does_not_blind_kubectl(cluster, definitions, namespace):
    tool = Tool(cluster, VERSIONS[-1])
    create(cluster, rules(namespace), RULE)
    waiting = tool.start(
        "kubectl", "wait", "-n", namespace, "arule/rule", "--for=jsonpath={.spec.priority}=7", "--timeout=120s")
    time.sleep(0.5)
    cluster.control("compact")
    cluster.control("faults", {"watch": ["cut"]})
    for priority in (6, 7):
        body = {"spec": {"priority": priority}}
        cluster.request("PATCH", rules(namespace, "rule"), body, "application/merge-patch+json")
    out, error = waiting.communicate(timeout=150)
    assert waiting.returncode == 0, out + error
