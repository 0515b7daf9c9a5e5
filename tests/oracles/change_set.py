"""Deploys a template to the emulator as DEPLOY.md does, and reads back what is then there.

    change_set.py deploy ENDPOINT REGION NAME TEMPLATE [STACK-POLICY]
    change_set.py look ENDPOINT REGION NAME TEMPLATE...

`deploy` makes a stack, or updates one that is there, and prints one object: `wrong`, a line each;
the `changes` of the change set; and what was `done` with each resource, as the events say. `look`
prints the changes of each template's change set, and carries none out.
"""

import json
import re
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import boto3

verb, endpoint, region, name, *files = sys.argv[1:]


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


def read(file):
    text = Path(file).read_text()
    # The emulator has one account; a stack that belongs to another would refuse it.
    for account in re.findall(r"This stack belongs to account (\d+)", text):
        text = text.replace(account, "123456789012")
    return text


def uploaded(text):
    """Where CloudFormation finds a template that is too long for the call."""
    s3, bucket = client("s3"), f"{name}-templates"
    if bucket not in [one["Name"] for one in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_object(Bucket=bucket, Key="template.yaml", Body=text.encode())
    return f"https://{bucket}.s3.{region}.amazonaws.com/template.yaml"


def make_change_set(kind, text, validate=False):
    long = len(text.encode()) > 51_200
    where = {"TemplateURL": uploaded(text)} if long else {"TemplateBody": text}
    if validate:
        cloudformation.validate_template(**where)
    cloudformation.create_change_set(
        ChangeSetType=kind, Capabilities=["CAPABILITY_NAMED_IAM"], **CHANGE_SET, **where
    )
    return cloudformation.describe_change_set(**CHANGE_SET)


def changes(told):
    return [one["ResourceChange"] for one in told["Changes"]]


def stack():
    return cloudformation.describe_stacks(StackName=name)["Stacks"][0]


def events():
    return cloudformation.describe_stack_events(StackName=name)["StackEvents"][::-1]


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


def deploy(file, *policy):
    text = read(file)
    known = [one["StackName"] for one in cloudformation.list_stacks()["StackSummaries"]]
    kind = "UPDATE" if name in known else "CREATE"
    if kind == "CREATE":
        kept = re.findall(r'"AWS::SSM::Parameter::Value<String>"\n +Default: "(.+)"', text)
        make_the_landing_zone(kept)
    told = make_change_set(kind, text, validate=True)
    if told["Status"] == "FAILED":
        cloudformation.delete_change_set(**CHANGE_SET)
        return {"wrong": [told["StatusReason"]], "changes": [], "done": {}}
    before = len(events())
    cloudformation.execute_change_set(**CHANGE_SET)
    while stack()["StackStatus"].endswith("IN_PROGRESS"):
        time.sleep(0.1)
    cloudformation.delete_change_set(**CHANGE_SET)
    happened = events()[before:]
    came = {"changes": changes(told), "done": done(happened)}
    status = stack()["StackStatus"]
    if status != f"{kind}_COMPLETE":
        return {"wrong": [f"{status}: {stack()['StackStatusReason']}"], **came}
    for body in map(read, policy):
        cloudformation.set_stack_policy(StackName=name, StackPolicyBody=body)
    failed = [
        f"{one['LogicalResourceId']}: {one['ResourceStatusReason']}"
        for one in happened
        if one["ResourceStatus"].endswith("FAILED")
    ]
    with urlopen(f"{endpoint}/read-back/{name}") as answer:
        return {"wrong": failed + json.load(answer), **came}


def look(*all_of_them):
    found = []
    for file in all_of_them:
        found.append(changes(make_change_set("UPDATE", read(file))))
        cloudformation.delete_change_set(**CHANGE_SET)
    return found


cloudformation = client("cloudformation")
CHANGE_SET = {"StackName": name, "ChangeSetName": "tried"}
print(json.dumps({"deploy": deploy, "look": look}[verb](*files)))
