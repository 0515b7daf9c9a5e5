"""Reads YAML texts as CloudFormation does, independently of Formwork.

usage: read_yaml.py FILE    FILE holds a JSON array of texts
Prints a JSON array: for each text {"Ok": value} or {"Err": message}. Short-form functions
come out in their long form. Timestamps are strings, as CloudFormation takes them; a repeated
key, a key that is no string and a number without JSON form are errors.
"""

import json
import sys

import yaml

FUNCTIONS_WITHOUT_PREFIX = {"Ref", "Condition"}


class Loader(yaml.SafeLoader):
    def construct_mapping(self, node, deep=False):
        self.flatten_mapping(node)
        result = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise ValueError(f"the key {key!r} is no string,{key_node.start_mark}")
            if key in result:
                raise ValueError(f"the key {key!r} is repeated,{key_node.start_mark}")
            result[key] = self.construct_object(value_node, deep=True)
        return result

    def construct_function(self, name, node):
        if isinstance(node, yaml.ScalarNode):
            argument = self.construct_scalar(node)
            if name == "GetAtt":
                argument = argument.split(".", 1)
        elif isinstance(node, yaml.SequenceNode):
            argument = self.construct_sequence(node, deep=True)
        else:
            argument = self.construct_mapping(node, deep=True)
        return {name if name in FUNCTIONS_WITHOUT_PREFIX else f"Fn::{name}": argument}


Loader.add_constructor("tag:yaml.org,2002:map", Loader.construct_mapping)
Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_yaml_str)
Loader.add_multi_constructor("!", Loader.construct_function)


def read(text):
    try:
        value = yaml.load(text, Loader)
        json.dumps(value, allow_nan=False)
        return {"Ok": value}
    except (yaml.YAMLError, TypeError, ValueError) as error:
        return {"Err": str(error)}


with open(sys.argv[1], encoding="utf-8") as file:
    print(json.dumps([read(text) for text in json.load(file)]))
