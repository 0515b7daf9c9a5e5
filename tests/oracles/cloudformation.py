"""A small and strict CloudFormation, in place of moto's, which drops what it does not know.

A stack is deployed through a change set: functions are resolved, resources ordered by what they
refer to, each checked against its registry schema and then made by the public API of its service
(`resources.py`), so that the call is held against the service's model, too. What is unknown here,
be it a function, a type or a property, fails the stack. `read_back` asks the services afterwards.
Stacks are made and read, and neither updated nor deleted.
"""

import json
import re
import threading
import time
import uuid

import jsonschema
import yaml
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

import resources
from emulator import ACCOUNT, ApiError, fits, serve, store

BODY_LIMIT, FILE_LIMIT = 51_200, 1_000_000


class Loader(yaml.SafeLoader):
    """Reads the short forms of functions; dates stay texts."""

    yaml_implicit_resolvers = {
        first: [pair for pair in pairs if not pair[0].endswith(":timestamp")]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
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


def references(node, names):
    """The resources that an expression refers to."""
    if isinstance(node, list):
        return set().union(*(references(item, names) for item in node))
    if not isinstance(node, dict):
        return set()
    found = set()
    for key, argument in node.items():
        if key == "Ref":
            found.add(argument)
        elif key == "Fn::GetAtt":
            found.add(argument[0])
        elif key == "Fn::Sub":
            text = argument if isinstance(argument, str) else argument[0]
            found |= {name.split(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text)}
        found |= references(argument, names)
    return {name for name in found if isinstance(name, str)} & names


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


def pattern(validator, wanted, value, schema):
    if isinstance(value, str) and not fits(wanted, value):
        yield jsonschema.ValidationError(f"{value!r} does not match {wanted}")


# Some patterns of the registry are Java's; and CloudFormation takes a number where a text must be.
Registry = jsonschema.validators.extend(
    jsonschema.Draft7Validator,
    {"pattern": pattern},
    type_checker=jsonschema.Draft7Validator.TYPE_CHECKER.redefine(
        "string", lambda checker, value: isinstance(value, (str, int, float))
    ),
)


def schema_errors(kind, properties, region):
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, kind).schema
    found = Registry(schema).iter_errors(properties)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]


class Stack:
    def __init__(self, name, region):
        self.name, self.region, self.status, self.reason = name, region, "REVIEW_IN_PROGRESS", ""
        self.id = f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/{uuid.uuid4()}"
        self.template, self.parameters, self.outputs, self.made = {}, {}, [], {}

    def values(self):
        def needed(name):
            return self.made[name] if name in self.made else refuse(f"{name} is not there yet")

        def attribute(name, path):
            known = needed(name).attributes
            return known[path] if path in known else refuse(f"{name} has no attribute {path} here")

        return Values(
            self.template, self, self.parameters, lambda name: needed(name).physical, attribute
        )

    def check_rules(self):
        for rule in (self.template.get("Rules") or {}).values():
            for each in rule["Assertions"]:
                if not self.values().of(each["Assert"]):
                    refuse(f"Template error: {each['AssertDescription']}")

    def execute(self):
        try:
            for name in in_order(self.template):
                self.make(name, self.template["Resources"][name])
            values = self.values()
            for key, body in (self.template.get("Outputs") or {}).items():
                value = str(values.of(body["Value"]))
                self.outputs.append({"OutputKey": key, "OutputValue": value})
            self.status = "CREATE_COMPLETE"
        except Exception as error:
            self.status, self.reason = "ROLLBACK_COMPLETE", f"{type(error).__name__}: {error}"

    def make(self, name, body):
        resource = resources.Resource(self, name, body["Type"])
        try:
            resource.properties = resources.dynamic(
                self.values().of(body.get("Properties") or {}), self.region
            )
            wrong = schema_errors(resource.kind, resource.properties, self.region)
            if wrong:
                refuse(f"Properties validation failed: {wrong[:5]}")
            resource.make()
        except Exception as error:
            raise RuntimeError(f"{name} ({resource.kind}): {error}") from error
        self.made[name] = resource

    def read_back(self):
        """What the services have against the resources that the stack believes to have made."""
        return [line for resource in self.made.values() for line in resource.read_back()]


# --- the API, as far as a first deployment calls it


def stack_of(p):
    found = store("stacks").get(p["StackName"])
    return found or refuse(f"Stack with id {p['StackName']} does not exist")


def template_of(p, region):
    if "TemplateURL" in p:
        bucket, key = re.fullmatch(
            r"https://([^/.]+)\.s3\.[^/]+\.amazonaws\.com/(.+)", p["TemplateURL"]
        ).groups()
        answer = resources.client("s3", region).get_object(Bucket=bucket, Key=key)
        data, limit = answer["Body"].read(), FILE_LIMIT
    else:
        data, limit = p["TemplateBody"].encode(), BODY_LIMIT
    if len(data) > limit:
        refuse(f"a template of {len(data)} bytes is longer than {limit}")
    return yaml.load(data, Loader)


def answers(template, p, region):
    given = {each["ParameterKey"]: each["ParameterValue"] for each in p.get("Parameters") or []}
    found = {}
    for name, parameter in (template.get("Parameters") or {}).items():
        value = given.pop(name, parameter.get("Default"))
        if value is None:
            refuse(f"Parameters: [{name}] must have values")
        if parameter["Type"] == "AWS::SSM::Parameter::Value<String>":
            value = resources.parameter(value, region)
        found[name] = value
    return refuse(f"Parameters: {sorted(given)} do not exist") if given else found


def check_capabilities(template, given):
    named = ("RoleName", "ManagedPolicyName", "InstanceProfileName")
    iam = [body for body in template["Resources"].values() if body["Type"].startswith("AWS::IAM::")]
    needs = {"CAPABILITY_NAMED_IAM"}
    if not any(name in body.get("Properties", {}) for body in iam for name in named):
        needs.add("CAPABILITY_IAM")
    if iam and not needs & set(given):
        message = f"Requires capabilities : {sorted(needs)}"
        raise ApiError("InsufficientCapabilitiesException", message)


@serve("cloudformation", "ValidateTemplate")
def validate_template(call, p):
    in_order(template_of(p, call.region))
    return {}


@serve("cloudformation", "CreateChangeSet")
def create_change_set(call, p):
    known = store("stacks").get(p["StackName"])
    if p.get("ChangeSetType") != "CREATE" or (known and known.status != "REVIEW_IN_PROGRESS"):
        refuse("stacks are only created here")
    stack = Stack(p["StackName"], call.region)
    stack.template = template_of(p, call.region)
    check_capabilities(stack.template, p.get("Capabilities") or [])
    stack.parameters = answers(stack.template, p, call.region)
    stack.check_rules()
    in_order(stack.template)
    store("stacks")[stack.name] = stack
    name = p["ChangeSetName"]
    ident = f"arn:aws:cloudformation:{stack.region}:{ACCOUNT}:changeSet/{name}/{uuid.uuid4()}"
    return {"Id": ident, "StackId": stack.id}


@serve("cloudformation", "DescribeChangeSet")
def describe_change_set(call, p):
    stack = stack_of(p)
    changes = [
        {"Action": "Add", "LogicalResourceId": name, "ResourceType": body["Type"]}
        for name, body in stack.template["Resources"].items()
    ]
    return {
        "ChangeSetName": p["ChangeSetName"],
        "StackName": stack.name,
        "StackId": stack.id,
        "Status": "CREATE_COMPLETE",
        "ExecutionStatus": "AVAILABLE",
        "Changes": [{"Type": "Resource", "ResourceChange": change} for change in changes],
    }


@serve("cloudformation", "ExecuteChangeSet")
def execute_change_set(call, p):
    stack = stack_of(p)
    stack.status = "CREATE_IN_PROGRESS"
    # Apart, because it calls back into this server.
    threading.Thread(target=stack.execute, daemon=True).start()
    return {}


@serve("cloudformation", "DeleteChangeSet")
def delete_change_set(call, p):
    stack_of(p)
    return {}


@serve("cloudformation", "GetStackPolicy")
def get_stack_policy(call, p):
    stack_of(p)
    return {}


@serve("cloudformation", "UpdateTerminationProtection")
def update_termination_protection(call, p):
    return {"StackId": stack_of(p).id}


@serve("cloudformation", "SetStackPolicy")
def set_stack_policy(call, p):
    json.loads(p["StackPolicyBody"])
    stack_of(p)
    return {}


@serve("cloudformation", "DescribeStacks")
def describe_stacks(call, p):
    stack = stack_of(p)
    return {
        "Stacks": [
            {
                "StackId": stack.id,
                "StackName": stack.name,
                "CreationTime": time.time(),
                "StackStatus": stack.status,
                "StackStatusReason": stack.reason,
                "Outputs": stack.outputs,
            }
        ]
    }


def read_back(name):
    return json.dumps(stack_of({"StackName": name}).read_back())
