"""Stacks: what makes, changes and removes the resources of a template, and takes it back.

A stack goes from one template to another resource by resource: in order of what they need, each
with its values resolved, and compared with what was deployed. What goes is removed at the end, in
the opposite order; where anything fails before, all that was done is undone.
"""

import time
import uuid

import jsonschema

import resources
import updates
from differences import Processed, differing, effect, schema
from emulator import ACCOUNT, fits
from stack_policy import refusal
from template import Values, in_order, refuse

KEPT = ("Retain", "RetainExceptOnCreate")


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
    found = Registry(schema(kind, region)).iter_errors(properties)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]


def keeps_name(old, new, known):
    """Whether two resources would have one name: what identifies them is written, and the same."""

    def top(kind):
        return {pointer.split("/")[2] for pointer in known.get(kind, [])}

    settable = top("primaryIdentifier") - top("readOnlyProperties")
    names = settable or {name for name in top("createOnlyProperties") if name.endswith("Name")}
    changed = {path.split(".")[0] for path in differing(old.properties, new.properties)}
    # A name may be one within another thing, which is another then.
    elsewhere = any(name.upper().endswith(("ARN", "ID", "NAME")) for name in changed)
    return bool(names) and names <= set(new.properties) and not names & changed and not elsewhere


class Plan:
    """A template with the values of its parameters: what was given, and what that comes to."""

    def __init__(self, template, given, parameters):
        self.template, self.given, self.parameters = template, given, parameters


EMPTY = Plan({"Resources": {}}, {}, {})


class Stack:
    def __init__(self, name, region):
        self.name, self.region, self.status, self.reason = name, region, "REVIEW_IN_PROGRESS", ""
        self.id = f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/{uuid.uuid4()}"
        self.plan, self.outputs, self.made, self.change_sets = EMPTY, [], {}, {}
        self.events, self.policy, self.protected = [], None, False
        self.gone, self.kept = [], []

    def values(self, plan=None):
        plan = plan or self.plan

        def needed(name):
            return self.made[name] if name in self.made else refuse(f"{name} is not there yet")

        def attribute(name, path):
            known = needed(name).attributes
            return known[path] if path in known else refuse(f"{name} has no attribute {path} here")

        return Values(
            plan.template, self, plan.parameters, lambda name: needed(name).physical, attribute
        )

    def processed(self, plan=None):
        plan = plan or self.plan
        return Processed(plan.template, self, plan.parameters)

    def check_rules(self, plan):
        for rule in (plan.template.get("Rules") or {}).values():
            for each in rule["Assertions"]:
                if not self.values(plan).of(each["Assert"]):
                    refuse(f"Template error: {each['AssertDescription']}")

    def tell(self, name, kind, physical, status, reason=""):
        """Notes an event."""
        event = {
            "StackId": self.id, "StackName": self.name, "EventId": str(uuid.uuid4()),
            "LogicalResourceId": name, "ResourceType": kind, "PhysicalResourceId": physical,
            "ResourceStatus": status, "Timestamp": time.time(),
        }
        self.events.append(event | ({"ResourceStatusReason": reason} if reason else {}))

    def told(self, resource, status, reason=""):
        self.tell(resource.name, resource.kind, resource.physical, status, reason)

    def becomes(self, status, reason=""):
        # A waiter that sees the status finds all else as it will stay.
        self.tell(self.name, "AWS::CloudFormation::Stack", self.id, status, reason)
        self.reason, self.status = reason, status

    # --- a stack is made

    def create(self, plan):
        self.becomes("CREATE_IN_PROGRESS")
        self.plan = plan
        try:
            for name in in_order(plan.template):
                self.made[name] = self.make(name)
            self.tell_outputs()
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            self.becomes("ROLLBACK_IN_PROGRESS", why)
            # What is kept except on creation goes, too.
            went = [self.remove(one) for one in reversed(list(self.made.values()))]
            self.made = {}
            self.becomes("ROLLBACK_COMPLETE" if all(went) else "ROLLBACK_FAILED", why)
        else:
            self.becomes("CREATE_COMPLETE")

    def wanted(self, name):
        """A resource as the template wants it, not made yet."""
        body = self.plan.template["Resources"][name]
        resource = resources.Resource(self, name, body["Type"])
        resource.properties = resources.dynamic(
            self.values().of(body.get("Properties") or {}), self.region
        )
        wrong = schema_errors(resource.kind, resource.properties, self.region)
        if wrong:
            refuse(f"Properties validation failed: {wrong[:5]}")
        return resource

    def make(self, name):
        kind = self.plan.template["Resources"][name]["Type"]
        try:
            resource = self.wanted(name)
            resource.make()
        except Exception as error:
            self.tell(name, kind, "", "CREATE_FAILED", str(error))
            raise RuntimeError(f"{name} ({kind}): {error}") from error
        self.told(resource, "CREATE_COMPLETE")
        return resource

    def tell_outputs(self):
        values, outputs = self.values(), self.plan.template.get("Outputs") or {}
        self.outputs = [
            {"OutputKey": key, "OutputValue": str(values.of(body["Value"]))}
            for key, body in outputs.items()
        ]

    # --- it is changed

    def update(self, plan, listed, policy=None):
        """Goes to another plan. `listed` is what its change set said, by logical id; `policy`
        stands in place of the stack's own for this once."""
        self.becomes("UPDATE_IN_PROGRESS")
        before = self.plan, list(self.outputs), dict(self.made)
        undo, replaced = [], []
        self.plan = plan
        policy = policy or self.policy
        try:
            for name in [name for name in self.made if name not in plan.template["Resources"]]:
                self.allow(policy, "Update:Delete", self.made[name])
            for name in in_order(plan.template):
                self.bring(name, listed.get(name), policy, undo, replaced)
            self.tell_outputs()
        except Exception as error:
            self.take_back(f"{type(error).__name__}: {error}", before, undo)
            return
        self.becomes("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self.clean_up(before[0].template["Resources"], replaced)
        self.becomes("UPDATE_COMPLETE")

    def allow(self, policy, action, resource):
        why = refusal(policy, action, resource.name, resource.kind)
        if why:
            self.told(resource, "UPDATE_FAILED", why)
            raise RuntimeError(f"{resource.name}: {why}")

    def bring(self, name, listed, policy, undo, replaced):
        """One resource to what the template wants; how that is undone is noted before."""
        old = self.made.get(name)
        if not old:
            self.made[name] = self.make(name)
            undo.append(lambda: self.remove(self.made[name]) or refuse(f"{name} stays"))
            return
        new = self.wanted(name)
        paths = differing(old.properties, new.properties)
        if not paths:
            if listed and any("Name" not in one["Target"] for one in listed["Details"]):
                self.told(old, "UPDATE_COMPLETE")  # what becomes of it when it goes
            return
        effects = {effect(new.kind, path, self.region) for path in paths}
        replaces = "replace" in effects
        if not listed or replaces and listed["Replacement"] == "False":
            raise RuntimeError(f"{name}: {sorted(paths)} change, and the change set did not say so")
        self.allow(policy, "Update:Replace" if replaces else "Update:Modify", old)
        try:
            if replaces:
                self.replace(old, new, undo, replaced)
            elif effects != {"update"}:
                raise ValueError(f"{sorted(paths)} is {sorted(effects)}: nobody does that here")
            else:
                was = dict(old.properties)
                undo.append(lambda: updates.change(old, was))
                updates.change(old, new.properties)
        except Exception as error:
            self.told(old, "UPDATE_FAILED", str(error))
            raise RuntimeError(f"{name} ({new.kind}): {error}") from error
        self.told(self.made[name], "UPDATE_COMPLETE")

    def replace(self, old, new, undo, replaced):
        taken = (
            "CloudFormation cannot update a stack when a custom-named resource requires "
            f"replacing. Rename {old.physical} and update the stack again."
        )
        if keeps_name(old, new, schema(new.kind, self.region)):
            raise ValueError(taken)
        why = "Requested update requires the creation of a new physical resource; hence creating one."
        self.told(old, "UPDATE_IN_PROGRESS", why)
        new.make()
        if new.physical == old.physical:
            raise ValueError(taken)
        self.made[old.name] = new
        undo.append(lambda: self.remove(new) or refuse(f"{new.physical} stays"))
        replaced.append(old)

    def clean_up(self, before, replaced):
        after = self.plan.template["Resources"]
        for old in reversed(replaced):
            self.let_go(old, after[old.name].get("UpdateReplacePolicy"))
        names = [name for name in in_order({"Resources": before}) if name not in after]
        for name in reversed(names):
            self.let_go(self.made.pop(name), before[name].get("DeletionPolicy"))

    def take_back(self, why, before, undo):
        self.becomes("UPDATE_ROLLBACK_IN_PROGRESS", why)
        try:
            for step in reversed(undo):
                step()
        except Exception as error:
            self.becomes("UPDATE_ROLLBACK_FAILED", f"{why}; then {error}")
            return
        self.plan, self.outputs, self.made = before
        self.becomes("UPDATE_ROLLBACK_COMPLETE", why)

    # --- it goes

    def let_go(self, resource, policy):
        """Removes what leaves the stack, or leaves it where it is."""
        if policy in KEPT:
            self.told(resource, "DELETE_SKIPPED")
            self.kept.append(resource)
            return True
        if policy not in (None, "Delete"):
            self.told(resource, "DELETE_FAILED", f"{policy}: nobody does that here")
            return False
        return self.remove(resource)

    def remove(self, resource):
        try:
            updates.remove(resource)
        except Exception as error:
            self.told(resource, "DELETE_FAILED", str(error))
            return False
        self.told(resource, "DELETE_COMPLETE")
        self.gone.append(resource)
        return True

    def delete(self):
        self.becomes("DELETE_IN_PROGRESS")
        bodies = self.plan.template["Resources"]
        for name in reversed(in_order(self.plan.template)):
            if name in self.made and self.let_go(self.made[name], bodies[name].get("DeletionPolicy")):
                del self.made[name]
        left = sorted(self.made)
        if left:
            why = f"The following resource(s) failed to delete: {left}"
            self.becomes("DELETE_FAILED", why)
        else:
            self.becomes("DELETE_COMPLETE")

    def read_back(self):
        """What the services have against the resources that the stack believes to have made,
        removed and kept."""
        wrong = [line for resource in self.made.values() for line in resource.read_back()]
        wrong += [f"{one.name} ({one.physical}) is still there" for one in self.gone if one.is_there()]
        wrong += [f"{one.name} ({one.physical}) is not kept" for one in self.kept if not one.is_there()]
        return wrong
