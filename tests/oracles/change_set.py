"""Deploys one template to the emulator as DEPLOY.md does, and reads back what is then there.

    change_set.py ENDPOINT REGION NAME TEMPLATE

Prints what is wrong, a line each; nothing where all is well.
"""

import json
import re
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import boto3

endpoint, region, name, file = sys.argv[1:]
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


kept = re.findall(r'"AWS::SSM::Parameter::Value<String>"\n +Default: "(.+)"', text)
make_the_landing_zone(kept)
cloudformation = client("cloudformation")
if len(text.encode()) > 51_200:
    s3, bucket = client("s3"), f"{name}-templates"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_object(Bucket=bucket, Key="template.yaml", Body=text.encode())
    where = {"TemplateURL": f"https://{bucket}.s3.{region}.amazonaws.com/template.yaml"}
else:
    where = {"TemplateBody": text}
cloudformation.validate_template(**where)
change_set = {"StackName": name, "ChangeSetName": "first"}
cloudformation.create_change_set(
    ChangeSetType="CREATE", Capabilities=["CAPABILITY_NAMED_IAM"], **change_set, **where
)
cloudformation.get_waiter("change_set_create_complete").wait(**change_set)
cloudformation.execute_change_set(**change_set)
while True:
    [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    if not stack["StackStatus"].endswith("IN_PROGRESS"):
        break
    time.sleep(0.2)
if stack["StackStatus"] != "CREATE_COMPLETE":
    print(f"{stack['StackStatus']}: {stack['StackStatusReason']}")
else:
    with urlopen(f"{endpoint}/read-back/{name}") as answer:
        wrong = json.load(answer)
    print(*wrong, sep="\n", end="\n" if wrong else "")
