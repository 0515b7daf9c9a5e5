"""What a change set says: two processed templates, compared resource by resource.

What a change of a property does is read where `formwork diff` reads it, and held against the
registry: what is create-only there and said to be updated in place is an error.
"""

import json
from pathlib import Path

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from template import Values, reads, refuse

FACTS = Path(__file__).parents[2] / "catalog/provider/cloudformation.json"
TYPES = json.loads(FACTS.read_text())["types"]

RECREATION = {"replace": "Always", "maybe": "Conditionally", "update": "Never", "refused": "Never"}
STRONGEST = ["Never", "Conditionally", "Always"]

# What stands beside the properties, and is a change of its own. (`DependsOn` alone is none.)
BESIDE = ("Metadata", "DeletionPolicy", "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy")

NO_CHANGE = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)


class Later(str):
    """Stands for what is known when the stack is deployed."""


class Processed(Values):
    """A template with its parameters filled in; what reads resources stays what it reads."""

    def __init__(self, template, stack, parameters):
        def attribute(name, path):
            return Later(f"${{{name}.{path}}}")

        super().__init__(
            template, stack, parameters, lambda name: Later(f"${{{name}}}"), attribute
        )
        self.template = template

    def call(self, name, argument):
        try:
            return super().call(name, argument)
        except (AttributeError, IndexError, TypeError):
            # Parts are taken from what is not known yet.
            return Later(json.dumps([name, argument]))

    def part(self, name, what):
        return self.of(self.resources[name].get(what) or {})


def schema(kind, region):
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, kind).schema


def effect(kind, path, region):
    """What a change at a path does: `update`, `maybe`, `replace` or `refused`."""
    known = TYPES.get(kind, {}).get("properties", {})
    at = path
    while at not in known and "." in at:
        at = at.rpartition(".")[0]
    if at not in known and not kind.endswith("::CustomResource"):
        refuse(f"nobody knows what a change of {path} does to {kind}")
    found = known.get(at, "update")
    pointer = "/properties/" + path.replace(".", "/")
    fixed = [one.replace("/*", "") for one in schema(kind, region).get("createOnlyProperties", [])]
    if found == "update" and any(f"{pointer}/".startswith(f"{one}/") for one in fixed):
        refuse(f"{path} of {kind} is create-only, and the catalog says that it is updated")
    return found


def differing(old, new, path=""):
    """The paths at which two values differ; an item of a list is no step."""
    if old == new:
        return set()
    if isinstance(old, dict) and isinstance(new, dict):
        found = set()
        for key in {*old, *new}:
            step = f"{path}.{key}" if path else key
            found |= differing(old.get(key), new.get(key), step)
        return found
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return set().union(*(differing(one, other, path) for one, other in zip(old, new)))
    return {path}


def changes(old, new, region):
    """The changes from one processed template to another, by logical id."""
    both = [name for name in new.resources if name in old.resources]
    moved = [n for n in both if old.resources[n]["Type"] != new.resources[n]["Type"]]
    if moved:
        refuse(
            "Update of resource type is not permitted. The new template modifies resource type "
            f"of the following resources: {moved}"
        )
    found = {}
    for name, body in new.resources.items():
        if name not in old.resources:
            found[name] = {"Action": "Add", "Scope": [], "Details": []}
        elif details := direct(old, new, name, region):
            found[name] = {"Action": "Modify", "Details": details}
    follow(found, new, both, region)
    for name in old.resources:
        if name not in new.resources:
            found[name] = {"Action": "Remove", "Scope": [], "Details": []}
    for name, change in found.items():
        body = new.resources.get(name) or old.resources[name]
        change |= {"LogicalResourceId": name, "ResourceType": body["Type"]}
        if change["Action"] == "Modify":
            change["Replacement"] = replacement(change["Details"])
            scope = dict.fromkeys(detail["Target"]["Attribute"] for detail in change["Details"])
            change["Scope"] = list(scope)
    return found


def direct(old, new, name, region):
    """What differs in the resource itself."""
    kind, details = new.resources[name]["Type"], []
    for beside in BESIDE:
        if old.part(name, beside) != new.part(name, beside):
            details.append(detail({"Attribute": beside}, "Static", "DirectModification"))
    tags = TYPES.get(kind, {}).get("tags", {}).get("property")
    by_top = {}
    for path in differing(old.part(name, "Properties"), new.part(name, "Properties")):
        does = RECREATION[effect(kind, path, region)]
        by_top.setdefault(path.split(".")[0], []).append(does)
    for top, all_of_it in sorted(by_top.items()):
        target = {
            "Attribute": "Tags" if top == tags else "Properties",
            "Name": top,
            "RequiresRecreation": max(all_of_it, key=STRONGEST.index),
        }
        raw = [side.resources[name].get("Properties", {}).get(top) for side in (old, new)]
        source = "ParameterReference" if raw[0] == raw[1] else "DirectModification"
        details.append(detail(target, "Static", source))
    return details


def detail(target, evaluation, source, cause=None):
    made = {"Target": target, "Evaluation": evaluation, "ChangeSource": source}
    return made | ({"CausingEntity": cause} if cause else {})


def follow(found, new, names, region):
    """What reads a resource that changes is listed, too. A `Ref` to what is replaced is another
    for certain; of an attribute the service decides when it carries the change out."""
    grown = True
    while grown:
        grown = False
        for name in names:
            known = found.get(name, {"Action": "Modify", "Details": []})
            for one in followed(found, new, name, region):
                if one not in known["Details"]:
                    known["Details"].append(one)
                    found[name], grown = known, True


def followed(found, new, name, region):
    body, details = new.resources[name], []
    for top, expression in (body.get("Properties") or {}).items():
        for other, attribute in sorted(reads(expression)):
            change = found.get(other)
            if other == name or not change or change["Action"] != "Modify":
                continue
            becomes = replacement(change["Details"])
            if not attribute and becomes == "False":
                continue
            certain = not attribute and becomes == "True"
            evaluation = "Static" if certain else "Dynamic"
            source = "ResourceAttribute" if attribute else "ResourceReference"
            does = RECREATION[effect(body["Type"], top, region)]
            target = {"Attribute": "Properties", "Name": top, "RequiresRecreation": does}
            cause = f"{other}.{attribute}" if attribute else other
            details.append(detail(target, evaluation, source, cause))
    return details


def replacement(details):
    does = [(one["Evaluation"], one["Target"].get("RequiresRecreation")) for one in details]
    if ("Static", "Always") in does:
        return "True"
    perhaps = any(needs in ("Always", "Conditionally") for _, needs in does)
    return "Conditional" if perhaps else "False"
