"""Makes provider-6.json: what provider_6.py knows of the types that our catalog emits.

usage: reduce_provider_6.py FULL    FULL is the schema of all types, in the same form

FULL is read from the bindings that cdktf and cdktn publish for each release of the provider (npm
@cdktf/provider-aws 20.1.0 is 5.100.0, 21.0.0 is 6.0.0; npm @cdktn/provider-aws 25.5.0 is 6.64.0;
PyPI cdktn-provider-aws 25.8.1 is 6.69.1), one in some three of them: a path that two of them
disagree on carries the version that it came or went with. What `terraform providers schema` of
5.100.0 says adds the form of blocks, and deprecations; newer deprecations are from the provider's
change log and upgrade guide.

A node is a string of flags or an object of children with the flags under "": r required, R once
required, o optional, c read only, x gone; a argument, b block; 1 at most one; +V since, -V until,
wV settable since. "=" names the node's children in the pool.
"""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
CATALOG = HERE.parent.parent / "catalog"


def emitted():
    """The types that the catalog's files name, as the schema's keys."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in CATALOG.rglob("*.yaml"))
    resources = re.findall(r"terraform: (aws_\w+)\s*(?:$|[,}#])", text, re.M)
    data = re.findall(r"data: \{type: (aws_\w+)|^\s+type: (aws_\w+)", text, re.M)
    names = {"resource " + name for name in resources}
    return names | {"data " + (one or other) for one, other in data} | {"provider aws"}


class Pool:
    """Children that several nodes share, numbered anew as they are met."""

    def __init__(self, full):
        self.full, self.number, self.kept = full, {}, []

    def node(self, node):
        if not isinstance(node, dict):
            return node
        return {k: self.shared(v) if k == "=" else self.node(v) for k, v in node.items()}

    def shared(self, old):
        if old not in self.number:
            self.number[old] = len(self.kept)
            self.kept.append(None)
            self.kept[self.number[old]] = self.node(self.full[old])
        return self.number[old]


def reduced(full):
    keys = sorted(emitted() & full["types"].keys())
    pool = Pool(full["pool"])
    types = {key: pool.node(full["types"][key]) for key in keys}
    keys.append("resource *")
    deprecated = {k: v for k, v in full["deprecated"].items() if k in keys}
    rest = {"other": {}, "gone": {}, "versions": full["versions"]}
    return {**rest, "deprecated": deprecated, "types": types, "pool": pool.kept}


def main(path):
    schema = reduced(json.loads(Path(path).read_text(encoding="utf-8")))
    missing = emitted() - schema["types"].keys()
    text = json.dumps(schema, sort_keys=True, separators=(",", ":"))
    # A line for each type and each piece, so that a change can be read.
    text = re.sub(r'("(?:data|resource|provider) |\{"\w+":)', r"\n\1", text)
    (HERE / "provider-6.json").write_text(text + "\n", encoding="utf-8")
    if missing:
        sys.exit("the full schema has not: " + ", ".join(sorted(missing)))


if __name__ == "__main__":
    main(sys.argv[1])
