"""Starts a Flink application when it is made or changed, and stops it before it goes.

Called by CloudFormation, for a custom resource, and by Terraform, for an invocation.
"""
import json
import time
import urllib.request

import boto3

client = boto3.client("kinesisanalyticsv2")
SETTLED = {"READY", "RUNNING", "ROLLED_BACK"}


def status(name):
    return client.describe_application(ApplicationName=name)["ApplicationDetail"]["ApplicationStatus"]


def wait(name, wanted, until):
    """Waits for one of the states; the state that was reached."""
    while (now := status(name)) not in wanted:
        if time.monotonic() > until:
            raise TimeoutError(f"{name} is still {now}")
        time.sleep(5)
    return now


def start(name, until):
    if wait(name, SETTLED, until) != "RUNNING":
        client.start_application(ApplicationName=name)
        wait(name, {"STARTING", "RUNNING"}, until)
        if wait(name, SETTLED, until) != "RUNNING":
            raise RuntimeError(f"{name} did not start; its log group says why")


def stop(name, until):
    try:
        if wait(name, SETTLED, until) == "RUNNING":
            client.stop_application(ApplicationName=name)
            wait(name, SETTLED - {"RUNNING"}, until)
    except client.exceptions.ResourceNotFoundException:
        pass


def answer(event, name, problem):
    body = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    body |= {"Status": "FAILED" if problem else "SUCCESS", "Reason": problem or "done", "PhysicalResourceId": name}
    data = json.dumps(body).encode()
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], data, {"Content-Type": ""}, method="PUT"), timeout=30)


def handler(event, context):
    until = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - 45
    asked = event.get("ResourceProperties", event)
    action = (event.get("RequestType") or event.get("tf", {}).get("action", "update")).lower()
    name, problem = asked["Application"], None
    try:
        (stop if action == "delete" else start)(name, until)
    except Exception as error:           # CloudFormation waits for an answer in every case
        problem = f"{type(error).__name__}: {error}"
        print(problem)
    if "ResponseURL" in event:
        answer(event, name, problem)
    elif problem:
        raise RuntimeError(problem)
    return {"Application": name}
