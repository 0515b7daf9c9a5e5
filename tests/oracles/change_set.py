"""Deploys one template to the emulator as DEPLOY.md does, and reads back what is then there. A stack
that is there is updated.

    change_set.py ENDPOINT REGION NAME TEMPLATE [STACK-POLICY]

Prints one object: `wrong`, a line each; the `changes` of the change set; and what was `done` with
each resource, as the events say.
"""

import json
import re
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import boto3

endpoint, region, name, file, *policy = sys.argv[1:]
text = Path(file).read_text()
# The emulator has one account; a stack that belongs to another would refuse it.
for account in re.findall(r"This stack belongs to account (\d+)", text):
    text = text.replace(account, "123456789012")


def client(service):
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def make_the_landing_zone(paths):
    """What another team keeps: a network, whose ids are in parameters."""
    ec2, ssm = client("ec2"), client("ssm")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for number, path in enumerate(paths):
        value = vpc
        if "vpc" not in path:
            block = f"10.0.{number}.0/24"
            value = ec2.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"]
        ssm.put_parameter(Name=path, Type="String", Value=value)


def upload():
    s3, bucket = client("s3"), f"{name}-templates"
    if bucket not in [one["Name"] for one in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_object(Bucket=bucket, Key="template.yaml", Body=text.encode())
    return f"https://{bucket}.s3.{region}.amazonaws.com/template.yaml"


def stack():
    return cloudformation.describe_stacks(StackName=name)["Stacks"][0]


def done(events):
    """What became of each resource."""
    found, replaced = {}, set()
    for event in events:
        logical, status = event["LogicalResourceId"], event["ResourceStatus"]
        if "requires the creation of a new physical" in event.get("ResourceStatusReason", ""):
            replaced.add(logical)
        elif status == "CREATE_COMPLETE":
            found[logical] = "add"
        elif status == "UPDATE_COMPLETE":
            found[logical] = "replace" if logical in replaced else "change"
        elif status in ("DELETE_COMPLETE", "DELETE_SKIPPED") and logical not in replaced:
            found[logical] = "remove"
    return {key: what for key, what in found.items() if key != name}


def finish(wrong, changes=(), events=()):
    print(json.dumps({"wrong": wrong, "changes": list(changes), "done": done(events)}))
    sys.exit()


cloudformation = client("cloudformation")
known = [one["StackName"] for one in cloudformation.list_stacks()["StackSummaries"]]
kind = "UPDATE" if name in known else "CREATE"
if kind == "CREATE":
    kept = re.findall(r'"AWS::SSM::Parameter::Value<String>"\n +Default: "(.+)"', text)
    make_the_landing_zone(kept)
where = {"TemplateURL": upload()} if len(text.encode()) > 51_200 else {"TemplateBody": text}
cloudformation.validate_template(**where)
change_set = {"StackName": name, "ChangeSetName": kind.lower()}
cloudformation.create_change_set(
    ChangeSetType=kind, Capabilities=["CAPABILITY_NAMED_IAM"], **change_set, **where
)
told = cloudformation.describe_change_set(**change_set)
if told["Status"] == "FAILED":
    cloudformation.delete_change_set(**change_set)
    finish([told["StatusReason"]])
changes = [one["ResourceChange"] for one in told["Changes"]]


def all_events():
    return cloudformation.describe_stack_events(StackName=name)["StackEvents"][::-1]


before = len(all_events())
cloudformation.execute_change_set(**change_set)
while stack()["StackStatus"].endswith("IN_PROGRESS"):
    time.sleep(0.1)
cloudformation.delete_change_set(**change_set)
events = all_events()[before:]
if stack()["StackStatus"] != f"{kind}_COMPLETE":
    finish([f"{stack()['StackStatus']}: {stack()['StackStatusReason']}"], changes, events)
failed = [
    f"{one['LogicalResourceId']}: {one['ResourceStatusReason']}"
    for one in events
    if one["ResourceStatus"].endswith("FAILED")
]
if policy:
    body = Path(policy[0]).read_text()
    cloudformation.set_stack_policy(StackName=name, StackPolicyBody=body)
with urlopen(f"{endpoint}/read-back/{name}") as answer:
    finish(failed + json.load(answer), changes, events)
