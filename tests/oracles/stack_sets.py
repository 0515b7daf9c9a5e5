"""Stack sets: a template that an organisation's accounts are to have.

The member's template is fetched, read and checked as far as it can be without its accounts: its
functions are resolved, and each resource is held against its schema, but for what is known only
where it is deployed. The instances are noted and not made.
"""

import uuid

import cloudformation
from differences import schema
from emulator import ACCOUNT, ApiError, need, serve, store
from resources import kind, without
from stacks import EMPTY, Registry, Stack
from template import refuse
from updates import changes, removes


def check_member(p, region):
    plan = cloudformation.plan_of(p, region, EMPTY)
    processed = Stack(p["StackSetName"], region).processed(plan)
    for name, body in processed.resources.items():
        properties = processed.part(name, "Properties")
        for error in Registry(schema(body["Type"], region)).iter_errors(properties):
            # A text with what is known later in it; what it lies in is checked.
            later = isinstance(error.instance, str) and "${" in error.instance
            if not later:
                where = "/".join(map(str, error.absolute_path))
                refuse(f"{name} ({body['Type']}) {where}: {error.message[:200]}")
    for name, body in (plan.template.get("Outputs") or {}).items():
        processed.of(body["Value"])
    return plan


def stack_set(p):
    return need(store("stack-sets"), p["StackSetName"], "StackSetNotFoundException")


def checked(call, p):
    """What is described of a stack set."""
    automatic = p.get("AutoDeployment")
    if p.get("PermissionModel") != "SERVICE_MANAGED":
        refuse("only organisations' stack sets are made here: PermissionModel is SERVICE_MANAGED")
    if not automatic or automatic.get("Enabled") and "RetainStacksOnAccountRemoval" not in automatic:
        refuse("AutoDeployment says whether it is Enabled, and then RetainStacksOnAccountRemoval")
    if p.get("AdministrationRoleARN") or p.get("ExecutionRoleName"):
        refuse("roles are not given where the organisation manages them")
    plan = check_member(p, call.region)
    return {
        **without(p, "TemplateURL", "CallAs", "ClientRequestToken"),
        "Status": "ACTIVE",
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": str(value)} for key, value in plan.given.items()
        ],
    }


@serve("cloudformation", "CreateStackSet")
def create_stack_set(call, p):
    name = p["StackSetName"]
    if name in store("stack-sets"):
        raise ApiError("NameAlreadyExistsException", f"{name} already exists", 409)
    made = checked(call, p) | {"StackSetId": f"{name}:{uuid.uuid4()}"}
    made["StackSetARN"] = (
        f"arn:aws:cloudformation:{call.region}:{ACCOUNT}:stackset/{made['StackSetId']}"
    )
    store("stack-sets")[name] = made
    store("stack-set-instances")[name] = {}
    return {"StackSetId": made["StackSetId"]}


@serve("cloudformation", "UpdateStackSet")
def update_stack_set(call, p):
    stack_set(p).update(checked(call, p))
    return {"OperationId": str(uuid.uuid4())}


@serve("cloudformation", "DescribeStackSet")
def describe_stack_set(call, p):
    return {"StackSet": stack_set(p)}


@serve("cloudformation", "DeleteStackSet")
def delete_stack_set(call, p):
    if store("stack-set-instances")[stack_set(p)["StackSetName"]]:
        raise ApiError("StackSetNotEmptyException", "StackSet is not empty", 409)
    del store("stack-sets")[p["StackSetName"]]
    return {}


def instances(p):
    """The units and regions that a call names; accounts are found within units."""
    units = p["DeploymentTargets"].get("OrganizationalUnitIds")
    if not units:
        refuse("DeploymentTargets name OrganizationalUnitIds where the organisation manages a set")
    return [(unit, region) for unit in units for region in p["Regions"]]


@serve("cloudformation", "CreateStackInstances")
def create_stack_instances(call, p):
    table = store("stack-set-instances")[stack_set(p)["StackSetName"]]
    table.update(dict.fromkeys(instances(p), p["DeploymentTargets"]))
    return {"OperationId": str(uuid.uuid4())}


@serve("cloudformation", "DeleteStackInstances")
def delete_stack_instances(call, p):
    table = store("stack-set-instances")[stack_set(p)["StackSetName"]]
    for one in instances(p):
        need(table, one, "StackInstanceNotFoundException")
        del table[one]
    return {"OperationId": str(uuid.uuid4())}


@serve("cloudformation", "ListStackInstances")
def list_stack_instances(call, p):
    made = stack_set(p)
    return {
        "Summaries": [
            {
                "StackSetId": made["StackSetId"], "OrganizationalUnitId": unit, "Region": region,
                "Account": ACCOUNT, "Status": "CURRENT",
            }
            for unit, region in store("stack-set-instances")[made["StackSetName"]]
        ]
    }


# --- the resource


def each_group(resource, operation, p, **more):
    every = {"StackSetName": p["StackSetName"], **more}
    if "OperationPreferences" in p:
        every["OperationPreferences"] = p["OperationPreferences"]
    for group in p.get("StackInstancesGroup", []):
        overrides = () if operation == "CreateStackInstances" else ("ParameterOverrides",)
        resource.call("cloudformation", operation, {**every, **without(group, *overrides)})


@kind(
    "AWS::CloudFormation::StackSet",
    ("cloudformation", "DescribeStackSet", {"StackSetName": "in.StackSetName"}),
    ("cloudformation", "ListStackInstances", {"StackSetName": "in.StackSetName"}),
)
def make_stack_set(resource, p):
    body = without(p, "StackInstancesGroup", "OperationPreferences")
    made = resource.call("cloudformation", "CreateStackSet", body)["StackSetId"]
    each_group(resource, "CreateStackInstances", p)
    return made, {"StackSetId": made}


@changes(
    "AWS::CloudFormation::StackSet",
    "AutoDeployment", "Capabilities", "Description", "ManagedExecution", "OperationPreferences",
    "Parameters", "Tags", "TemplateURL",
)
def change_stack_set(resource, p):
    resource.call("cloudformation", "UpdateStackSet", without(p, "StackInstancesGroup"))


@changes("AWS::CloudFormation::StackSet", "StackInstancesGroup")
def change_instances(resource, p):
    old = resource.properties
    each_group(resource, "DeleteStackInstances", old, RetainStacks=False)
    each_group(resource, "CreateStackInstances", p)


@removes("AWS::CloudFormation::StackSet")
def remove_stack_set(resource):
    each_group(resource, "DeleteStackInstances", resource.properties, RetainStacks=False)
    name = {"StackSetName": resource.properties["StackSetName"]}
    resource.call("cloudformation", "DeleteStackSet", name)
