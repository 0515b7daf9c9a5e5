"""Runs the state machines of a CloudFormation template against a stand-in of EMR, in its own words:
Amazon States Language with JSONata, as far as our templates use it. What it does not know, it refuses.

    python state_machine.py TEMPLATE...

Prints, for each machine and each way a run can go, the calls that were made and how the run ended.
"""
import sys
import time

import jsonata
from cfnlint.decode import cfn_yaml

START = "2026-03-29T00:30:00.000Z"


class TaskFailed(Exception):
    """What a service answers when it cannot do what it was asked."""

    def __init__(self, error, cause):
        super().__init__(error)
        self.output = {"Error": error, "Cause": cause}


def plain(value):
    """A template's value with its references as words."""
    if isinstance(value, dict):
        if set(value) == {"Fn::Sub"}:
            return str(value["Fn::Sub"])
        if set(value) == {"Ref"}:
            return f"<{value['Ref']}>"
        if set(value) == {"Fn::GetAtt"}:
            return f"<{'.'.join(value['Fn::GetAtt'])}>"
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def evaluate(value, scope):
    """A field of a state: texts between `{%` and `%}` are expressions over the scope."""
    if isinstance(value, dict):
        return {key: evaluate(item, scope) for key, item in value.items()}
    if isinstance(value, list):
        return [evaluate(item, scope) for item in value]
    if not isinstance(value, str) or not value.startswith("{%"):
        return value
    assert value.endswith("%}"), value
    expression = jsonata.Jsonata(value[2:-2].strip())
    frame = expression.create_frame()
    for name, bound in scope.items():
        frame.bind(name, bound)
    return expression.evaluate(None, frame)


class Emr:
    """A stand-in of EMR: remembers its clusters, and fails where the story says so."""

    def __init__(self, fails=(), left=()):
        self.fails = dict(fails)
        self.alive = {name: key for key, name in enumerate(left, 1)}
        self.calls = []

    def call(self, resource, arguments, timeout):
        action = resource.rsplit(":", 1)[1]
        known = {"createCluster": self.create, "addStep.sync": self.step,
                 "terminateCluster": self.terminate, "listClusters": self.list}
        return known[action](arguments, timeout)

    def create(self, arguments, _):
        self.calls.append(f"make {arguments['Name']}")
        self.fail("create")
        assert arguments["Instances"]["KeepJobFlowAliveWhenNoSteps"] is True
        assert arguments["Instances"]["TerminationProtected"] is False
        assert arguments["AutoTerminationPolicy"]["IdleTimeout"] >= 60
        self.alive[arguments["Name"]] = len(self.alive) + 1
        return {"ClusterId": f"j-{self.alive[arguments['Name']]}"}

    def step(self, arguments, timeout):
        step = arguments["Step"]
        words = " ".join([step["HadoopJarStep"]["Jar"], *step["HadoopJarStep"]["Args"]])
        self.calls.append(f"step {step['Name']} on {arguments['ClusterId']}: {words}")
        assert isinstance(timeout, (int, float)) and timeout >= 60, timeout
        self.fail(step["Name"])
        return {"Step": {"Status": {"State": "COMPLETED"}}}

    def terminate(self, arguments, _):
        self.calls.append(f"end {arguments['ClusterId']}")
        self.fail("terminate", once=True)
        self.alive = {name: key for name, key in self.alive.items()
                      if f"j-{key}" != arguments["ClusterId"]}
        return {}

    def list(self, _arguments, _timeout):
        self.calls.append("list")
        return {"Clusters": [{"Id": f"j-{key}", "Name": name} for name, key in self.alive.items()]}

    def fail(self, what, once=False):
        failure = self.fails.pop(what, None) if once else self.fails.get(what)
        if failure:
            raise TaskFailed(*failure)


def task(state, scope, emr):
    """Does what a task says, again where it says so; the result."""
    arguments = evaluate(state["Arguments"], scope)
    timeout = evaluate(state.get("TimeoutSeconds"), scope)
    again = sum(retry["MaxAttempts"] for retry in state.get("Retry", [])
                if retry["ErrorEquals"] == ["States.ALL"])
    for attempt in range(again + 1):
        try:
            return emr.call(state["Resource"], arguments, timeout)
        except TaskFailed:
            if attempt == again:
                raise


def run(machine, emr, given, start=START):
    """Runs a machine to its end; the end."""
    assert machine["QueryLanguage"] == "JSONata"
    context = {"Execution": {"Name": "run-1", "StartTime": start}}
    variables, name = {}, machine["StartAt"]
    for _ in range(100):
        state = machine["States"][name]
        states = {"input": given, "context": context}
        scope = {**variables, "states": states}
        if state["Type"] == "Succeed":
            return "succeeded"
        if state["Type"] == "Fail":
            return f"failed: {evaluate(state['Error'], scope)} ({evaluate(state['Cause'], scope)})"
        if state["Type"] == "Choice":
            taken = (way["Next"] for way in state["Choices"] if evaluate(way["Condition"], scope))
            name = next(taken, state.get("Default"))
            continue
        assert state["Type"] == "Task", state["Type"]
        try:
            states["result"] = task(state, scope, emr)
            variables |= evaluate(state.get("Assign", {}), scope)
            name = state["Next"]
        except TaskFailed as failure:
            catch = next(iter(state.get("Catch", [])), None)
            if not catch:
                return f"failed: {failure.output['Error']} ({failure.output['Cause']})"
            assert catch["ErrorEquals"] == ["States.ALL"]
            states["errorOutput"] = failure.output
            variables |= evaluate(catch.get("Assign", {}), scope)
            name = catch["Next"]
    raise AssertionError("the run does not end")


def stories(machine):
    """The ways a run can go: by name, the stand-in, the input and the start."""
    steps = [name.removeprefix("Step ") for name in machine["States"] if name.startswith("Step ")]
    first, last = steps[0], steps[-1]
    name = machine["States"]["Make cluster"]["Arguments"]["Name"].split("'")[1].rstrip("/")
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    yield "everything goes well", Emr(), {}, START
    yield "it begins now", Emr(), {}, now
    yield "a step fails", Emr({last: ("EMR.StepFailed", "exit code 1")}), {}, START
    yield "a step is cancelled", Emr({first: ("EMR.StepCancelled", "by hand")}), {}, START
    yield "the deadline passes", Emr({first: ("States.Timeout", "late")}), {}, START
    yield "nodes do not start", Emr({first: ("EMR.StepCancelled", "BOOTSTRAP_FAILURE")}), {}, START
    yield "no cluster can be made", Emr({"create": ("ElasticMapReduce.ValidationException", "no")}), {}, START
    yield "ending stumbles once", Emr({"terminate": ("EMR.ThrottlingException", "slow down")}), {}, START
    yield "another run was stopped", Emr(left=["other/run-7", f"{name}/run-7"]), {"stopped": "run-7"}, START
    yield "one was stopped in time", Emr(left=["other/run-7"]), {"stopped": "run-7"}, START


def main(paths):
    for path in paths:
        template, problems = cfn_yaml.load(path), []
        template = template[0] if isinstance(template, tuple) else template
        for name, resource in template["Resources"].items():
            if resource["Type"] != "AWS::StepFunctions::StateMachine":
                continue
            machine = plain(resource["Properties"]["Definition"])
            for story, emr, given, start in stories(machine):
                others = {left for left in emr.alive if left.startswith("other/")}
                end = run(machine, emr, given, start)
                if story == "it begins now":       # the day differs from run to run
                    assert end == "succeeded" and not emr.alive, (end, emr.alive)
                    continue
                print(f"{story}: {end}")
                for call in emr.calls:
                    print(f"  {call}")
                if set(emr.alive) != others:
                    problems.append(f"{name}, {story}: {sorted(emr.alive)} still run")
        if problems:
            sys.exit("\n".join(problems))


if __name__ == "__main__":
    main(sys.argv[1:])
