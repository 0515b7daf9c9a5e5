"""Reads Terraform folders as the AWS provider 6.x would, by its schema alone.

usage: provider_6.py DIR...
Prints a line for each argument, block or read attribute that 6.x has not, has only from some 6.x
on, no longer lets be set, requires, or warns about; and one for each default that differs between
5.100 and 6.x. Exits with 0 where nothing was found, with 1 where something was.
provider-6.json holds the schema; reduce_provider_6.py makes it.
"""

import json
import re
import sys
from pathlib import Path

from terraform_reader import Block, Reader, keys_of_objects, references

HERE = Path(__file__).parent
META = {
    "resource": {
        "count",
        "for_each",
        "depends_on",
        "provider",
        "lifecycle",
        "provisioner",
        "connection",
    },
    "data": {"count", "for_each", "depends_on", "provider", "lifecycle"},
    "ephemeral": {"count", "for_each", "depends_on", "provider", "lifecycle"},
    "provider": {"alias", "version"},
}


class Judge:
    def __init__(self, schema):
        self.s = schema
        self.versions = schema["versions"]
        self.found, self.notes, self.judged, self.skipped, self.reads, self.args = (
            [],
            [],
            set(),
            set(),
            0,
            0,
        )
        self.other = {k: set(v.split()) for k, v in schema["other"].items()}
        self.folder = {}

    def say(self, line, what, text, kind="found"):
        row = (self.path, line, "%s:%d: %s: %s" % (self.path, line, what, text))
        into = self.found if kind == "found" else self.notes
        if row not in into:
            into.append(row)

    def open(self, node):
        """children of a node"""
        if not isinstance(node, dict):
            return {}
        return self.s["pool"][node["="]] if "=" in node else {k: v for k, v in node.items() if k}

    def flags(self, node):
        f = node.get("", "") if isinstance(node, dict) else node
        m = re.match(r"^([rRoxc]?)([ab?]?)(1?)(.*)$", f)
        since = re.search(r"\+([\d.]+)", m.group(4))
        until = re.search(r"-([\d.]+)", m.group(4))
        wsince = re.search(r"w([\d.]+)", m.group(4))
        return (
            m.group(1),
            m.group(2),
            m.group(3) == "1",
            since and since.group(1),
            until and until.group(1),
            wsince and wsince.group(1),
        )

    def came(self, v):
        """words for "first seen in the sample v" """
        if v == "6":
            return "only on 6.x, not on 5.100.0"
        i = self.versions.index(v)
        return (
            "only from 6.x on: not on %s, first seen on %s" % (self.versions[i - 1], v)
            if i
            else "only on 6.x, not on 5.100.0"
        )

    def dep(self, key, path, setting):
        d = self.s["deprecated"].get(key, {})
        for k in ([path] if not path or not setting else [path, path + "="]):
            if k in d:
                return d[k]
        if setting and key.startswith("resource "):
            return self.s["deprecated"].get("resource *", {}).get(path + "=")
        return None

    def deprecated(self, key, path, line, what, setting):
        d = self.dep(key, path, setting)
        if d is not None:
            src, _, text = d.partition(" ")
            by = {
                "5": "schema of 5.100.0",
                "6": "Pulumi 7 note",
                "56": "schema of 5.100.0, Pulumi 7 note",
                "n": "change log",
            }[src]
            self.say(
                line,
                what,
                ("" if src == "n" else "deprecated" + (": " if text else ""))
                + text
                + " ["
                + by
                + "]",
            )

    def typ(self, kind, typ, line, what):
        """the schema of a type, or None once said why"""
        key = kind + " " + typ
        if key in self.s["types"]:
            node = self.s["types"][key]
            since, until = self.flags(node)[3:5]
            if since:
                self.say(line, what, "the type is " + self.came(since) + " [schema]")
            if until:
                self.say(line, what, "the type was last seen on %s [schema]" % until)
            self.judged.add(key)
            return node
        if typ in self.s["gone"].get(kind, []):
            self.say(line, what, "the type does not exist on 6.x (5.100.0 had it) [schema]")
        elif kind in self.other and typ[4:] not in self.other[kind]:
            self.say(line, what, "no such type on 6.x [schema]")
        else:
            self.skipped.add(key)
        return None

    def body(self, key, node, block, path, what, meta=()):
        """arguments and blocks of one body against one node"""
        children = self.open(node)
        seen = {}
        for name, (code, raw, line) in block.attrs.items():
            if name in meta:
                continue
            self.args += 1
            p = path + [name]
            seen[name] = seen.get(name, 0) + 1
            child = children.get(name)
            if not self.exists(key, child, p, line, what):
                continue
            form, nested = self.flags(child)[1], self.open(child)
            if form == "b":
                self.say(
                    line,
                    what + " " + ".".join(p),
                    "is a block, written as an argument [schema of 5.100.0]",
                )
            elif nested and form in ("a", "?"):
                for keys in keys_of_objects(code) or []:
                    missing = sorted(
                        n
                        for n in nested
                        if n not in keys and self.flags(nested[n])[0] in ("r", "R", "o")
                    )
                    unknown = sorted(keys - set(nested))
                    if missing:
                        self.say(
                            line,
                            what + " " + ".".join(p),
                            "as a list of objects it must name every key; 6.x also has %s: write blocks [schema]"
                            % ", ".join(missing),
                        )
                    if unknown:
                        self.say(
                            line,
                            what + " " + ".".join(p),
                            "no such key on 6.x: %s [schema]" % ", ".join(unknown),
                        )
        inner = []
        for b in block.blocks:
            if b.kind == "dynamic" and b.labels:
                inner += [(b.labels[0], c, b.line, True) for c in b.blocks if c.kind == "content"]
            elif b.kind not in meta:
                inner.append((b.kind, b, b.line, False))
        for name, b, line, dynamic in inner:
            self.args += 1
            p = path + [name]
            child = children.get(name)
            n = seen[name] = seen.get(name, 0) + 1
            if not self.exists(key, child, p, line, what):
                continue
            _, form, one, *_ = self.flags(child)
            if not self.open(child):
                if not isinstance(child, dict) and not form:
                    self.say(
                        line,
                        what + " " + ".".join(p),
                        "is an argument, written as a block [schema]",
                    )
                continue
            if one and n == 2 and not dynamic:
                self.say(line, what + " " + ".".join(p), "at most one on 6.x [schema]")
            self.body(key, child, b, p, what)
        for name, child in children.items():
            f = self.flags(child)[0]
            if f in ("r", "R") and name not in seen:
                self.say(
                    block.line,
                    what + " " + ".".join(path + [name]),
                    "required on %s6.x, not set [schema]" % ("older " if f == "R" else ""),
                )

    def exists(self, key, child, p, line, what):
        name = what + " " + ".".join(p)
        if child is None or child == "x":
            self.say(
                line,
                name,
                "does not exist on 6.x"
                + (" (5.100.0 had it)" if child == "x" else "")
                + " [schema]",
            )
            return False
        f, form, one, since, until, wsince = self.flags(child)
        if since:
            self.say(line, name, self.came(since) + " [schema]")
        if until:
            self.say(line, name, "last seen on %s [schema]" % until)
        if f == "c":
            self.say(line, name, "read only on 6.x [schema]")
        elif wsince:
            self.say(
                line,
                name,
                "can be set only on 6.x"
                + (" from %s on" % wsince if wsince != "6" else "")
                + " [schema]",
            )
        self.deprecated(key, ".".join(p), line, name, True)
        return True

    def read(self, kind, typ, names, line):
        key = kind + " " + typ
        node = self.s["types"].get(key)
        what = ("" if kind == "resource" else kind + ".") + typ
        if node is None:
            self.typ(kind, typ, line, what)
            return
        self.reads += 1
        path = []
        for name in names:
            children = self.open(node)
            if not children:
                return
            path.append(name)
            child = children.get(name)
            where = "read of %s.%s" % (what, ".".join(path))
            if child is None or child == "x":
                self.say(
                    line,
                    where,
                    "does not exist on 6.x"
                    + (" (5.100.0 had it)" if child == "x" else "")
                    + " [schema]",
                )
                return
            since, until = self.flags(child)[3:5]
            if since:
                self.say(line, where, self.came(since) + " [schema]")
            if until:
                self.say(line, where, "last seen on %s [schema]" % until)
            self.deprecated(key, ".".join(path), line, where, False)
            node = child
        if (
            names
            and kind == "resource"
            and typ in ("aws_s3_object", "aws_s3_bucket_object")
            and names[0] == "id"
        ):
            self.say(
                line,
                "read of %s.id" % what,
                "the key up to 6.1, BUCKET/KEY from 6.2.0 on: read key [change log]",
            )

    def values(self, kind, typ, b, what):
        """what the schema does not tell: defaults that differ, combinations that 6.x refuses (upgrade guide, change log)"""
        a = {n: v[1] for n, v in b.attrs.items()}
        names = (
            set(a)
            | {x.kind for x in b.blocks}
            | {x.labels[0] for x in b.blocks if x.kind == "dynamic" and x.labels}
        )
        if kind == "resource" and typ == "aws_redshift_cluster":
            for n, old, new in (
                ("encrypted", "false", "true"),
                ("publicly_accessible", "true", "false"),
            ):
                if n not in a:
                    self.say(
                        b.line,
                        what + " " + n,
                        "not set: %s on 5.100.0, %s on 6.x [upgrade guide]" % (old, new),
                        "note",
                    )
        if (
            kind == "resource"
            and typ == "aws_ecs_service"
            and "availability_zone_rebalancing" not in a
        ):
            self.say(
                b.line,
                what + " availability_zone_rebalancing",
                "not set: DISABLED on 5.100.0, left to ECS (ENABLED for new services) from 6.12.0 on [change log]",
                "note",
            )
        if (
            kind == "resource"
            and typ == "aws_lambda_function_url"
            and a.get("authorization_type") == '"NONE"'
        ):
            self.say(
                b.line,
                what,
                "6.28.0 and later also add the lambda:InvokeFunction permission for NONE [change log]",
                "note",
            )
        if (
            kind == "resource"
            and typ in ("aws_lb_target_group", "aws_alb_target_group")
            and a.get("preserve_client_ip", "").strip('"') in ("0", "1")
        ):
            self.say(
                b.line,
                what + " preserve_client_ip",
                '6.x takes true, false or "" only [upgrade guide]',
            )
        if (
            kind == "resource"
            and typ == "aws_db_instance"
            and "character_set_name" in a
            and names
            & {
                "replicate_source_db",
                "restore_to_point_in_time",
                "s3_import",
                "snapshot_identifier",
            }
        ):
            self.say(
                b.line,
                what + " character_set_name",
                "refused on 6.x beside a snapshot, replica, restore or import [upgrade guide]",
            )
        if (
            kind == "resource"
            and typ == "aws_rds_cluster"
            and len(re.findall(r'"[^"]*"', a.get("availability_zones", ""))) > 3
        ):
            self.say(
                b.line,
                what + " availability_zones",
                "more than 3 refused from 6.68.0 on [change log]",
            )
        if (
            kind == "data"
            and typ == "aws_ami"
            and a.get("most_recent") == "true"
            and "owners" not in a
            and "allow_unsafe_filter" not in a
        ):
            if not any(
                f.kind == "filter"
                and f.attrs.get("name", ("", "", 0))[1].strip('"') in ("owner-id", "image-id")
                for f in b.blocks
            ):
                self.say(
                    b.line,
                    what,
                    "most_recent without owners or a filter on owner-id or image-id is an error on 6.x [upgrade guide]",
                )
        if (
            kind == "data"
            and "tags" in a
            and not re.match(
                r"aws_(vpc|subnet|security_group|route_table|internet_gateway|nat_gateway|network|ec2_|eip|ami|instance|ebs|db_instance|lb|kms|secretsmanager_secrets|route53_zone)",
                typ,
            )
        ):
            self.say(
                b.attrs["tags"][2],
                what + " tags",
                "6.74.0 warns where tags do not filter; this judge has no list of those data sources [change log]",
                "note",
            )

    def walk(self, block, iterators=frozenset()):
        """references in every expression of the file"""
        for name, (code, raw, line) in block.attrs.items():
            for off, kind, typ, names in references(code):
                if typ not in iterators:
                    self.read(kind, typ, names, line + code.count("\n", 0, off))
        for b in block.blocks:
            inside = iterators
            if b.kind == "dynamic" and b.labels:
                inside = iterators | {
                    b.attrs["iterator"][1] if "iterator" in b.attrs else b.labels[0]
                }
            self.walk(b, inside)

    def file(self, path):
        self.path = path
        top = Reader(path).body(Block("", [], 1), top=True)
        for b in top.blocks:
            if (
                b.kind in ("resource", "data", "ephemeral")
                and len(b.labels) == 2
                and b.labels[0].startswith("aws_")
            ):
                typ, key = b.labels[0], b.kind + " " + b.labels[0]
                what = ("" if b.kind == "resource" else b.kind + ".") + ".".join(b.labels)
                node = self.typ(b.kind, typ, b.line, what)
                if node is None:
                    continue
                self.deprecated(key, "", b.line, what, False)
                self.body(key, node, b, [], what, META[b.kind])
                self.values(b.kind, typ, b, what)
                for life in (x for x in b.blocks if x.kind == "lifecycle"):
                    code, _, line = life.attrs.get("ignore_changes", ("", "", 0))
                    for n in re.findall(r"[\[,]\s*([A-Za-z_]\w*)", code):
                        if self.open(node).get(n, "x") == "x":
                            self.say(
                                line,
                                what + " ignore_changes " + n,
                                "does not exist on 6.x [schema]",
                            )
            elif b.kind == "provider" and b.labels == ["aws"]:
                self.judged.add("provider aws")
                self.body(
                    "provider aws",
                    self.s["types"]["provider aws"],
                    b,
                    [],
                    'provider "aws"',
                    META["provider"],
                )
        self.walk(top)


def main(folders):
    judge = Judge(json.loads((HERE / "provider-6.json").read_text(encoding="utf-8")))
    files = [file for folder in folders for file in sorted(Path(folder).rglob("*.tf"))]
    if not files:
        sys.exit("no *.tf there")
    for file in files:
        judge.file(str(file))
    found = [text for *_, text in sorted(judge.found)]
    found += ["note: " + text for *_, text in sorted(judge.notes)]
    found += ["not in provider-6.json, make it again: " + key for key in sorted(judge.skipped)]
    for line in found:
        print(line)
    print(f"{len(files)} files, {len(judge.judged)} types, {judge.args} arguments", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
