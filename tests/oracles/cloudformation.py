"""A small and strict CloudFormation, in place of moto's, which drops what it does not know.

A stack is deployed through a change set: functions are resolved, resources ordered by what they
refer to, each checked against its registry schema and then made, changed and removed by the public
API of its service (`resources.py`, `updates.py`), so that the call is held against the service's
model, too. What is unknown here, be it a function, a type or a property, fails the stack.
`read_back` asks the services afterwards.
"""

import json
import re
import threading
import time
import uuid

import yaml
from botocore.exceptions import ClientError

import resources
import stack_policy
from differences import NO_CHANGE, changes
from emulator import ACCOUNT, ApiError, serve, store
from stacks import Plan, Stack
from template import Loader, in_order, refuse

BODY_LIMIT, FILE_LIMIT = 51_200, 1_000_000


# --- the API, as far as our stacks are deployed by it


def stack_of(p):
    """A stack by its name, or by its id, by which one that is deleted is still known."""
    wanted = p["StackName"]
    for stack in reversed(store("stacks").get("all", [])):
        if wanted == stack.id or wanted == stack.name and stack.status != "DELETE_COMPLETE":
            return stack
    return refuse(f"Stack with id {wanted} does not exist")


def template_of(p, region):
    if p.get("UsePreviousTemplate"):
        return stack_of(p).plan.template
    if "TemplateURL" in p:
        bucket, key = re.fullmatch(
            r"https://([^/.]+)\.s3\.[^/]+\.amazonaws\.com/(.+)", p["TemplateURL"]
        ).groups()
        try:
            answer = resources.client("s3", region).get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            refuse(f"S3 error: {error.response['Error']['Message']}")
        data, limit = answer["Body"].read(), FILE_LIMIT
    else:
        data, limit = p["TemplateBody"].encode(), BODY_LIMIT
    if len(data) > limit:
        refuse(f"a template of {len(data)} bytes is longer than {limit}")
    return yaml.load(data, Loader)


def plan_of(p, region, before):
    """The template with its parameters; `before` is what an update may take them from."""
    template, given = template_of(p, region), {}
    for each in p.get("Parameters") or []:
        name = each["ParameterKey"]
        previous = each.get("UsePreviousValue")
        if previous and name not in before.given:
            refuse(f"Parameters: [{name}] have no previous value")
        given[name] = before.given[name] if previous else each["ParameterValue"]
    found, kept, unknown = {}, {}, dict(given)
    for name, parameter in (template.get("Parameters") or {}).items():
        value = unknown.pop(name, parameter.get("Default"))
        if value is None:
            refuse(f"Parameters: [{name}] must have values")
        kept[name] = value
        if parameter["Type"] == "AWS::SSM::Parameter::Value<String>":
            value = resources.parameter(value, region)
        found[name] = value
    if unknown:
        refuse(f"Parameters: {sorted(unknown)} do not exist")
    check_capabilities(template, p.get("Capabilities") or [])
    in_order(template)
    return Plan(template, kept, found)


def check_capabilities(template, given):
    named = ("RoleName", "ManagedPolicyName", "InstanceProfileName")
    iam = [body for body in template["Resources"].values() if body["Type"].startswith("AWS::IAM::")]
    needs = {"CAPABILITY_NAMED_IAM"}
    if not any(name in body.get("Properties", {}) for body in iam for name in named):
        needs.add("CAPABILITY_IAM")
    if iam and not needs & set(given):
        message = f"Requires capabilities : {sorted(needs)}"
        raise ApiError("InsufficientCapabilitiesException", message)


def changes_to(stack, plan):
    """What a plan changes, by logical id; none where it changes nothing at all."""
    old, new = stack.processed(), stack.processed(plan)
    found = changes(old, new, stack.region)
    outputs = [side.of(side.template.get("Outputs") or {}) for side in (old, new)]
    return found if found or outputs[0] != outputs[1] else None


def can_be_updated(stack):
    if not re.fullmatch("(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE", stack.status):
        refuse(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


class ChangeSet:
    def __init__(self, stack, name, kind):
        self.stack, self.name, self.kind = stack, name, kind
        arn = f"arn:aws:cloudformation:{stack.region}:{ACCOUNT}:changeSet"
        self.id = f"{arn}/{name}/{uuid.uuid4()}"
        self.status, self.execution, self.reason = "CREATE_COMPLETE", "AVAILABLE", ""
        self.plan, self.changes = None, {}

    def compare(self):
        found = changes_to(self.stack, self.plan)
        self.changes = found or {}
        if found is None:
            self.status, self.execution, self.reason = "FAILED", "UNAVAILABLE", NO_CHANGE

    def described(self):
        changes = [change | self.physical(name) for name, change in self.changes.items()]
        reason = {"StatusReason": self.reason} if self.reason else {}
        return {
            "ChangeSetName": self.name,
            "ChangeSetId": self.id,
            "StackName": self.stack.name,
            "StackId": self.stack.id,
            "Status": self.status,
            "ExecutionStatus": self.execution,
            "Changes": [{"Type": "Resource", "ResourceChange": change} for change in changes],
            **reason,
        }

    def physical(self, name):
        made = self.stack.made.get(name)
        return {"PhysicalResourceId": made.physical} if made else {}


def change_set_of(p):
    name = p["ChangeSetName"]
    stacks = [stack_of(p)] if "StackName" in p else store("stacks").get("all", [])
    for stack in stacks:
        for known in stack.change_sets.values():
            if name in (known.name, known.id):
                return known
    raise ApiError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)


def apart(function, *given):
    """Runs apart from the call, because it calls back into this server."""
    threading.Thread(target=function, args=given, daemon=True).start()


@serve("cloudformation", "ValidateTemplate")
def validate_template(call, p):
    in_order(template_of(p, call.region))
    return {}


@serve("cloudformation", "CreateChangeSet")
def create_change_set(call, p):
    name, kind = p["ChangeSetName"], p.get("ChangeSetType", "UPDATE")
    try:
        stack = stack_of(p)
    except ApiError:
        if kind != "CREATE":
            refuse(f"Stack [{p['StackName']}] does not exist")
        stack = Stack(p["StackName"], call.region)
    if kind == "UPDATE":
        can_be_updated(stack)
    elif stack.status != "REVIEW_IN_PROGRESS":
        message = f"Stack [{stack.name}] already exists and cannot be created again"
        raise ApiError("ValidationError", f"{message} with the changeSet [{name}]")
    if name in stack.change_sets:
        raise ApiError("AlreadyExistsException", f"ChangeSet {name} cannot be created: it exists")
    made = ChangeSet(stack, name, kind)
    made.plan = plan_of(p, call.region, stack.plan)
    stack.check_rules(made.plan)
    made.compare()
    stack.change_sets[name] = made
    known = store("stacks").setdefault("all", [])
    if stack not in known:
        known.append(stack)
    return {"Id": made.id, "StackId": stack.id}


@serve("cloudformation", "DescribeChangeSet")
def describe_change_set(call, p):
    return change_set_of(p).described()


@serve("cloudformation", "ExecuteChangeSet")
def execute_change_set(call, p):
    found = change_set_of(p)
    stack = found.stack
    if found.execution != "AVAILABLE":
        message = f"ChangeSet [{found.id}] cannot be executed in its current status of [{found.status}]"
        raise ApiError("InvalidChangeSetStatus", message)
    # The others were made for a stack that will be another.
    stack.change_sets = {found.name: found}
    found.execution = "EXECUTE_COMPLETE"
    if found.kind == "CREATE":
        stack.status = "CREATE_IN_PROGRESS"
        apart(stack.create, found.plan)
    else:
        can_be_updated(stack)
        stack.status = "UPDATE_IN_PROGRESS"
        apart(stack.update, found.plan, found.changes)
    return {}


@serve("cloudformation", "DeleteChangeSet")
def delete_change_set(call, p):
    found = change_set_of(p)
    del found.stack.change_sets[found.name]
    return {}


@serve("cloudformation", "UpdateStack")
def update_stack(call, p):
    stack = stack_of(p)
    can_be_updated(stack)
    plan = plan_of(p, call.region, stack.plan)
    stack.check_rules(plan)
    found = changes_to(stack, plan)
    if found is None:
        refuse("No updates are to be performed.")
    once = p.get("StackPolicyDuringUpdateBody")
    if once:
        stack_policy.parsed(once)
    stack.status = "UPDATE_IN_PROGRESS"
    apart(stack.update, plan, found, once)
    return {"StackId": stack.id}


@serve("cloudformation", "DeleteStack")
def delete_stack(call, p):
    try:
        stack = stack_of(p)
    except ApiError:
        return {}
    if stack.protected:
        refuse(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
    stack.status = "DELETE_IN_PROGRESS"
    apart(stack.delete)
    return {}


@serve("cloudformation", "GetStackPolicy")
def get_stack_policy(call, p):
    policy = stack_of(p).policy
    return {"StackPolicyBody": policy} if policy else {}


@serve("cloudformation", "SetStackPolicy")
def set_stack_policy(call, p):
    stack_policy.parsed(p["StackPolicyBody"])
    stack_of(p).policy = p["StackPolicyBody"]
    return {}


@serve("cloudformation", "UpdateTerminationProtection")
def update_termination_protection(call, p):
    stack = stack_of(p)
    stack.protected = p["EnableTerminationProtection"]
    return {"StackId": stack.id}


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
                "EnableTerminationProtection": stack.protected,
                "Outputs": stack.outputs,
            }
        ]
    }


@serve("cloudformation", "ListStacks")
def list_stacks(call, p):
    return {
        "StackSummaries": [
            {"StackName": one.name, "StackId": one.id, "StackStatus": one.status, "CreationTime": 0}
            for one in store("stacks").get("all", [])
            if one.status != "DELETE_COMPLETE"
        ]
    }


@serve("cloudformation", "DescribeStackEvents")
def describe_stack_events(call, p):
    return {"StackEvents": stack_of(p).events[::-1]}


@serve("cloudformation", "DescribeStackResources")
def describe_stack_resources(call, p):
    made = stack_of(p).made.values()
    return {
        "StackResources": [
            {
                "LogicalResourceId": one.name,
                "PhysicalResourceId": one.physical,
                "ResourceType": one.kind,
                "ResourceStatus": "UPDATE_COMPLETE",
                "Timestamp": time.time(),
            }
            for one in made
        ]
    }


def read_back(name):
    return json.dumps(stack_of({"StackName": name}).read_back())
