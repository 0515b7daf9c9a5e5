"""Stack policies: what an update may do to which resource."""

import fnmatch
import json

from emulator import ApiError

ACTIONS = ("Update:Modify", "Update:Replace", "Update:Delete", "Update:*")
KNOWN = {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"}


def invalid(message):
    raise ApiError("ValidationError", f"Error validating stack policy: {message}")


def listed(value):
    return value if isinstance(value, list) else [value]


def parsed(text):
    """The statements of a policy, or why it is none."""
    try:
        statements = listed(json.loads(text)["Statement"])
    except (ValueError, KeyError, TypeError):
        invalid("it is no policy")
    for one in statements:
        if set(one) - KNOWN:
            invalid(f"unknown {sorted(set(one) - KNOWN)}")
        if one.get("Effect") not in ("Allow", "Deny") or one.get("Principal") != "*":
            invalid("Effect is Allow or Deny, and Principal is *")
        if ("Action" in one) == ("NotAction" in one) or ("Resource" in one) == ("NotResource" in one):
            invalid("a statement names actions and resources, once each")
        wrong = set(listed(one.get("Action") or one.get("NotAction"))) - set(ACTIONS)
        if wrong:
            invalid(f"Invalid stack policy action {sorted(wrong)}")
        for test, of in one.get("Condition", {}).items():
            if test not in ("StringEquals", "StringLike") or set(of) != {"ResourceType"}:
                invalid(f"Condition {test} {of}")
    return statements


def matches(statement, what, value):
    patterns = listed(statement.get(what) or statement[f"Not{what}"])
    hit = any(fnmatch.fnmatchcase(value, pattern) for pattern in patterns)
    return hit if what in statement else not hit


def applies(statement, action, name, kind):
    tests = statement.get("Condition", {}).values()
    types = [pattern for of in tests for pattern in listed(of["ResourceType"])]
    return (
        matches(statement, "Action", action)
        and matches(statement, "Resource", f"LogicalResourceId/{name}")
        and (not types or any(fnmatch.fnmatchcase(kind, pattern) for pattern in types))
    )


def refusal(text, action, name, kind):
    """Why a policy refuses an action, or nothing. What no statement allows is denied."""
    if not text:
        return None
    of = enumerate(parsed(text), start=1)
    hits = {number: one["Effect"] for number, one in of if applies(one, action, name, kind)}
    denied = [number for number, effect in hits.items() if effect == "Deny"]
    if hits and not denied:
        return None
    why = f"Statement [#{denied[0]}]" if denied else "Statement [none]"
    resource = f"LogicalResourceId/{name}"
    return f"Action denied by stack policy: {why} does not allow [{action}] for resource [{resource}]"
