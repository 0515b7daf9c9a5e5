"""Runs a program that starts applications against a stand-in of the service, and prints what it did.

    python starter_runs.py PROGRAM

Every run that CloudFormation asked for must be answered, in every case.
"""
import importlib.util
import json
import sys
import types


class NotFound(Exception):
    """The service knows no such application."""


class Flink:
    """A stand-in of the service: an application that moves through its states as it is asked."""

    def __init__(self, states, after_start=("STARTING", "RUNNING"), after_stop=("STOPPING", "READY")):
        self.states, self.calls = list(states), []
        self.after = {"start": after_start, "stop": after_stop}
        self.exceptions = types.SimpleNamespace(ResourceNotFoundException=NotFound)

    def describe_application(self, ApplicationName):
        if not self.states:
            raise NotFound(ApplicationName)
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {"ApplicationDetail": {"ApplicationStatus": state}}

    def start_application(self, ApplicationName):
        self.calls.append(f"start {ApplicationName}")
        self.states = list(self.after["start"])

    def stop_application(self, ApplicationName):
        self.calls.append(f"stop {ApplicationName}")
        self.states = list(self.after["stop"])


class Clock:
    """Time that passes when somebody waits."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def load(path, flink, answers):
    """The program with its service, its clock and its way to CloudFormation replaced."""
    sys.modules["boto3"] = types.SimpleNamespace(client=lambda _: flink)
    spec = importlib.util.spec_from_file_location("program", path)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    program.time = Clock()
    take = lambda request, timeout: answers.append((request.full_url, json.loads(request.data)))
    program.urllib.request = types.SimpleNamespace(Request=program.urllib.request.Request, urlopen=take)
    return program


def run(path, title, flink, event, seconds=600):
    answers = []
    program = load(path, flink, answers)
    context = types.SimpleNamespace(get_remaining_time_in_millis=lambda: seconds * 1000)
    try:
        end = program.handler(event, context)
    except Exception as error:           # what Terraform sees
        end = f"raises {error}"
    print(f"{title}: {'; '.join(flink.calls) or 'nothing'}; {end}")
    for url, answer in answers:
        print(f"  {url}: {answer['Status']}, {answer['Reason']}, {answer['PhysicalResourceId']}")
    if "ResponseURL" in event:
        assert len(answers) == 1, "CloudFormation waits for one answer"


def asked(kind):
    return {"RequestType": kind, "ResponseURL": "https://answer", "StackId": "s", "RequestId": "r",
            "LogicalResourceId": "l", "ResourceProperties": {"Application": "job", "ServiceToken": "t"}}


def main(path):
    terraform = lambda action: {"Application": "job", "tf": {"action": action}}
    gone, stuck = Flink([]), Flink(["UPDATING"])
    refused = Flink(["READY"], after_start=("STARTING", "READY"))
    print("CloudFormation")
    run(path, "made", Flink(["READY"]), asked("Create"))
    run(path, "changed while it runs", Flink(["UPDATING", "RUNNING"]), asked("Update"))
    run(path, "changed while it is stopped", Flink(["UPDATING", "READY"]), asked("Update"))
    run(path, "its code does not start", refused, asked("Create"))
    run(path, "it does not come to rest", stuck, asked("Update"))
    run(path, "removed while it runs", Flink(["RUNNING"]), asked("Delete"))
    run(path, "removed while it is stopped", Flink(["READY"]), asked("Delete"))
    run(path, "removed when it is gone", gone, asked("Delete"))
    print("Terraform")
    run(path, "made", Flink(["READY"]), terraform("create"))
    run(path, "its code does not start", Flink(["READY"], after_start=("STARTING", "READY")), terraform("create"))
    run(path, "removed while it runs", Flink(["RUNNING"]), terraform("delete"))


if __name__ == "__main__":
    main(sys.argv[1])
