#!/usr/bin/env python3
"""Makes provider/cloudformation.json and provider/terraform.json of one or more catalogs.

  reduce.py --cloudformation FACTS --terraform FACTS --provider-schema SCHEMA
            --cfn-lint-schemas DIR CATALOG...

README.md beside this file says what the inputs are, how to get them, and what comes out. A type
that an earlier catalog of the command line has already is left out of the later ones. Needs PyYAML.
"""
import argparse
import json
import re
import sys
from pathlib import Path

import yaml

TARGETS = {"cloudformation": r"\w+::\w+::\w+", "terraform": r"aws_\w+"}
PROVIDER = "registry.terraform.io/hashicorp/aws"
REGION = "us-east-1"  # the region whose schemas know the most types
WIDTH = 100

EFFECT_BY_CLOUDFORMATION_WORD = {"yes": "replace", "maybe": "maybe", "no": "update"}
EFFECT_BY_FORCE_NEW = {True: "replace", "maybe": "maybe", False: "update", None: "unknown"}
STRENGTH = ["update", "maybe", "replace"]


class CloudFormation:
    """What the facts file and cfn-lint's schemas say of CloudFormation types."""

    def __init__(self, facts, schemas):
        self.facts = facts["types"]
        self.schemas = schemas
        self.files = read_json(schemas / "providers" / f"{REGION}.json")
        stateful = read_json(schemas.parent / "AdditionalSpecs" / "StatefulResources.json")
        self.stateful = stateful["ResourceTypes"]
        self.source = self.checked_source(facts["_source"]["packages"])

    def checked_source(self, packages):
        date = read_json(self.schemas / "version.json")["schema_date"]
        for package in packages:
            if package.get("schema_date", date) != date:
                sys.exit(f"cfn-lint: schemas of {date}, facts of {package['schema_date']}")
        return [{key: package[key] for key in ("name", "version", "licence")}
                for package in packages] + [{"name": "cfn-lint schemas", "version": date}]

    def reduce(self, name):
        facts = self.facts.get(name)
        schema = self.schema(name)
        if not facts and not schema:
            sys.exit(f"{name}: no such type in the inputs")
        return {
            "tags": self.tags(schema),
            "data": self.holds_data(name, facts),
            "facts": None if facts else "schema",
            "properties": fact_effects(facts) if facts else schema_effects(schema),
            "attributes": sorted(set(facts["attributes"] if facts else []) | outputs(schema)),
        }

    def schema(self, name):
        file = self.files.get(name)
        return read_json(self.schemas / "resources" / f"{file}.json") if file else {}

    def holds_data(self, name, facts):
        if not facts:
            return name in self.stateful
        return facts["stateful"] or facts.get("holds_data", False)

    def tags(self, schema):
        tagging = schema.get("tagging", {"taggable": schema.get("taggable", True)})
        name = tagging.get("tagProperty", "/properties/Tags").rpartition("/")[2]
        shape = dereference(schema, schema.get("properties", {}).get(name, {}))
        style = tag_style(schema, shape)
        return {"property": name, "style": style} if tagging["taggable"] and style else None


def tag_style(schema, shape):
    if "items" in shape:
        item = dereference(schema, shape["items"])
        return "list" if set(item.get("properties", {})) == {"Key", "Value"} else None
    return "map" if "object" in shape.get("type", []) else None


def dereference(schema, shape):
    while "$ref" in shape:
        reference, shape = shape["$ref"], schema
        for step in reference.split("/")[1:]:
            shape = shape[step]
    return shape


def fact_effects(facts):
    return {path: "refused" if fact.get("change_fails")
            else EFFECT_BY_CLOUDFORMATION_WORD[fact["replace"]]
            for path, fact in facts["properties"].items()}


def schema_effects(schema):
    read_only = paths(schema, "readOnlyProperties")
    effects = {name: "update" for name in schema["properties"] if name not in read_only}
    listed = {path: "maybe" for path in paths(schema, "conditionalCreateOnlyProperties")}
    listed |= {path: "replace" for path in paths(schema, "createOnlyProperties")}
    for path in sorted(listed):
        above = inherited(effects, path)
        if above and STRENGTH.index(listed[path]) > STRENGTH.index(above):
            effects[path] = listed[path]
    return effects


def inherited(effects, path):
    """The effect of the nearest listed ancestor, or the path's own."""
    while path and path not in effects:
        path = path.rpartition(".")[0]
    return effects.get(path)


def outputs(schema):
    """What can be read: a path through a list cannot."""
    pointers = schema.get("readOnlyProperties", [])
    return {dotted(pointer) for pointer in pointers if "*" not in pointer}


def paths(schema, member):
    return {dotted(pointer) for pointer in schema.get(member, [])}


def dotted(pointer):
    return ".".join(step for step in pointer.split("/")[2:] if step not in ("*", "items"))


class Terraform:
    """What the facts file and the provider's schema say of Terraform types."""

    def __init__(self, facts, schema):
        self.facts = facts["types"]
        self.schemas = schema["provider_schemas"][PROVIDER]["resource_schemas"]
        provider = facts["_source"]["provider"]
        self.source = [{key: provider[key] for key in ("name", "version", "licence")}]

    def reduce(self, name):
        if name not in self.schemas:
            sys.exit(f"{name}: no such type in the provider's schema")
        block = self.schemas[name]["block"]
        attributes, blocks = dict(walk(block, "attributes")), dict(walk(block, "block_types"))
        facts = self.facts.get(name)
        return {
            "tags": {"property": "tags", "style": "map"} if "tags" in attributes else None,
            "data": bool(facts) and (facts["stateful"] or facts.get("holds_data", False)),
            "facts": None if facts else "schema",
            "properties": planned_effects(facts, attributes, blocks),
            "blocks": {path: nesting(block) for path, block in blocks.items()},
            "sensitive": sorted(path for path, it in attributes.items() if it.get("sensitive")),
            "attributes": sorted(path for path in attributes if "." not in path),
        }


def walk(block, member, above=""):
    """Paths and descriptions of all attributes, or all blocks, that lie in a block."""
    for name, it in block.get(member, {}).items():
        yield above + name, it
    for name, it in block.get("block_types", {}).items():
        yield from walk(it["block"], member, f"{above}{name}.")


def nesting(block):
    return "single" if block.get("max_items") == 1 else block["nesting_mode"]


def planned_effects(facts, attributes, blocks):
    """The facts' answers; what the facts pass over and a user can set is unknown."""
    settable = [path for path, it in attributes.items() if it.get("optional") or it.get("required")]
    known = {path: EFFECT_BY_FORCE_NEW[fact["force_new"]]
             for path, fact in (facts["attributes"] if facts else {}).items()}
    effects = {path: "unknown" for path in [*settable, *blocks] if path not in ("id", "tags_all")}
    effects |= known
    # Timeouts are Terraform's own: no change of them reaches the provider's plan.
    return {path: "update" if path.split(".")[0] == "timeouts" else effect
            for path, effect in effects.items()}


def emitted(catalog, target):
    """The target's types that the kinds and parts of a catalog name under `emits`."""
    files = [file for folder in ("kinds", "parts") for file in (catalog / folder).glob("*.yaml")]
    found = set()
    for file in files:
        emits = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("emits") or {}
        named = (it.get(target) for it in emits.values() if isinstance(it, dict))
        found.update(name for name in named if re.fullmatch(TARGETS[target], str(name)))
    return found


def lines(value, indent=0, used=0):
    """JSON text: what fits beside `used` columns is one line, lists of words are filled."""
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or indent >= 4 and used + len(short) < WIDTH:
        return short
    inner = indent + 2
    pad = " " * inner
    if isinstance(value, dict):
        keys = ((f"{json.dumps(key)}: ", item) for key, item in value.items())
        body = f",\n{pad}".join(key + lines(item, inner, inner + len(key)) for key, item in keys)
    elif all(isinstance(item, str) for item in value):
        body = filled(value, pad)
    else:
        body = f",\n{pad}".join(lines(item, inner, inner) for item in value)
    start, end = "{}" if isinstance(value, dict) else "[]"
    return f"{start}\n{pad}{body}\n{' ' * indent}{end}"


def filled(words, pad):
    text, width = "", len(pad)
    for word in map(json.dumps, words):
        if text and width + len(word) + 3 > WIDTH:
            text, width = f"{text},\n{pad}{word}", len(pad) + len(word)
        else:
            text, width = f"{text}, {word}" if text else word, width + len(word) + 2
    return text


def compact(described):
    """A type without the members that say nothing, and with its maps sorted."""
    return {member: dict(sorted(value.items())) if member in ("properties", "blocks") else value
            for member, value in described.items() if value}


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cloudformation", type=Path, required=True)
    parser.add_argument("--terraform", type=Path, required=True)
    parser.add_argument("--provider-schema", type=Path, required=True)
    parser.add_argument("--cfn-lint-schemas", type=Path, required=True)
    parser.add_argument("catalogs", type=Path, nargs="+", metavar="CATALOG")
    return parser.parse_args()


def main():
    given = arguments()
    sources = {
        "cloudformation": CloudFormation(read_json(given.cloudformation), given.cfn_lint_schemas),
        "terraform": Terraform(read_json(given.terraform), read_json(given.provider_schema)),
    }
    for target, source in sources.items():
        done = set()
        for catalog in given.catalogs:
            names = sorted(emitted(catalog, target) - done)
            done.update(names)
            types = {name: compact(source.reduce(name)) for name in names}
            file = catalog / "provider" / f"{target}.json"
            file.parent.mkdir(exist_ok=True)
            file.write_text(lines({"source": source.source, "types": types}) + "\n",
                            encoding="utf-8")
            print(f"{file}: {len(types)} types")


if __name__ == "__main__":
    main()
