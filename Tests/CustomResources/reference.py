"""The reference of the custom resources out of CRDs/; `python Tests/CustomResources/reference.py` writes it."""

import schema

PAGE = schema.ROOT / "Documentation/custom-resources.md"
INTRODUCTION = """# Custom resources

What `CRDs/` defines, field by field; `kubectl explain` shows the same. What the fields do is told in
[manifests](manifests.md). This page is rendered from the definitions.
"""


def page():
    return INTRODUCTION + "".join(section(definition) for definition in schema.DEFINITIONS.values())


def section(definition):
    names = definition["spec"]["names"]
    version = definition["spec"]["versions"][0]
    top = version["schema"]["openAPIV3Schema"]
    short = names["shortNames"][0]
    lines = [f"\n## {names['kind']}\n", f"{top['description']} Short name `{short}`, category `weir`.\n"]
    for part in ("spec", "status"):
        lines += [f"### `{part}`\n", "| field | type | default | |", "|---|---|---|---|"]
        lines += rows(top["properties"][part], "")
        rules = [f"* {path or part}: {rule['message']}" for path, rule in rules_of(top["properties"][part], "")]
        if rules:
            lines += ["", "Rules:", "", *dict.fromkeys(rules)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def rows(field, path):
    required = field.get("required", [])
    for name, child in field.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        yield row(child, place, name in required)
        yield from rows(child, place)
        if "items" in child:
            yield from rows(child["items"], f"{place}[]")


def row(field, path, is_required):
    default = "required" if is_required else f"`{text(field['default'])}`" if "default" in field else ""
    return f"| `{path}` | {type_of(field)} | {default} | {field.get('description', '').replace('|', chr(92) + '|')} |"


def text(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {text(item)}" for name, item in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else '""' if value == "" else str(value)


def type_of(field):
    if "enum" in field:
        return ", ".join(f"`{text(value)}`" for value in field["enum"])
    if field["type"] == "array":
        return f"list of {type_of(field['items'])}, at most {field['maxItems']}"
    if "additionalProperties" in field:
        return "map of strings"
    if "minimum" in field and "maximum" in field:
        return f"integer, {field['minimum']} to {field['maximum']}"
    return {"date-time": "time"}.get(field.get("format"), field["type"])


def rules_of(field, path):
    for rule in field.get("x-kubernetes-validations", []):
        yield f"`{path}`" if path else "", rule
    for name, child in field.get("properties", {}).items():
        yield from rules_of(child, f"{path}.{name}" if path else name)
    if "items" in field:
        yield from rules_of(field["items"], f"{path}[]")


if __name__ == "__main__":
    PAGE.write_text(page())
