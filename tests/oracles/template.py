"""A template: how it is read, what its expressions come to, and what it makes first."""

import re

import yaml

from emulator import ACCOUNT, ApiError


# The one in C is ten times as fast, and not everywhere.
SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(SafeLoader):
    """Reads the short forms of functions; dates stay texts."""

    yaml_implicit_resolvers = {
        first: [pair for pair in pairs if not pair[0].endswith(":timestamp")]
        for first, pairs in SafeLoader.yaml_implicit_resolvers.items()
    }


def function(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", function)


def refuse(message):
    raise ApiError("ValidationError", message)


class Values:
    """The values of one template's expressions. `ref` and `attribute` give those of resources."""

    def __init__(self, template, stack, parameters, ref, attribute):
        self.attribute, self.resource = attribute, ref
        self.resources = template["Resources"]
        self.region = stack.region
        self.names = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::Region": stack.region,
            "AWS::StackId": stack.id,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
            **parameters,
        }

    def ref(self, name):
        if name in self.names:
            return self.names[name]
        return self.resource(name) if name in self.resources else refuse(f"nothing is {name}")

    def get_att(self, name, path):
        known = name in self.resources
        return self.attribute(name, path) if known else refuse(f"no resource is {name}")

    def of(self, node):
        if isinstance(node, list):
            return [self.of(item) for item in node]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            [(key, argument)] = node.items()
            if key == "Ref":
                return self.ref(argument)
            if key.startswith("Fn::"):
                return self.call(key, argument)
        return {key: self.of(item) for key, item in node.items()}

    def call(self, name, argument):
        if name == "Fn::GetAtt":
            return self.get_att(*argument)
        if name == "Fn::Sub":
            text, extra = (argument, {}) if isinstance(argument, str) else argument
            extra = self.of(extra)
            return re.sub(r"\$\{([^}]+)\}", lambda found: self.put(found[1], extra), text)
        value = self.of(argument)
        if name == "Fn::Join":
            return value[0].join(map(str, value[1]))
        if name == "Fn::Split":
            return value[1].split(value[0])
        if name == "Fn::Select":
            return value[1][int(value[0])]
        if name == "Fn::GetAZs":
            return [f"{value or self.region}{zone}" for zone in "abc"]
        if name == "Fn::Equals":
            return str(value[0]) == str(value[1])
        return refuse(f"{name} is not known here")

    def put(self, key, extra):
        if key.startswith("!"):
            return f"${{{key[1:]}}}"
        if key in extra:
            return str(extra[key])
        return str(self.get_att(*key.split(".", 1)) if "." in key else self.ref(key))


def reads(node):
    """What an expression reads: names, each with an attribute or none."""
    if isinstance(node, list):
        return set().union(*(reads(item) for item in node))
    if not isinstance(node, dict):
        return set()
    found = set()
    for key, argument in node.items():
        if key == "Ref" and isinstance(argument, str):
            found.add((argument, ""))
        elif key == "Fn::GetAtt":
            found.add(tuple(argument))
        elif key == "Fn::Sub":
            text = argument if isinstance(argument, str) else argument[0]
            names = re.findall(r"\$\{([^!}]+)\}", text)
            found |= {(name.partition(".")[0], name.partition(".")[2]) for name in names}
        found |= reads(argument)
    return found


def references(node, names):
    """The resources that an expression refers to."""
    return {name for name, _ in reads(node)} & names


def in_order(template):
    """The names of all resources, each after those that it needs."""
    names, needs = set(template["Resources"]), {}
    for name, body in template["Resources"].items():
        wait = body.get("DependsOn") or []
        wait = {wait} if isinstance(wait, str) else set(wait)
        if wait - names:
            refuse(f"Unresolved resource dependencies {sorted(wait - names)}")
        needs[name] = wait | references(body.get("Properties") or {}, names)
    done = {}
    while len(done) < len(needs):
        ready = [name for name in needs if name not in done and needs[name] <= set(done)]
        if not ready:
            refuse(f"Circular dependency between resources: {sorted(names - set(done))}")
        done |= dict.fromkeys(ready)
    return list(done)
