"""Validates values against JSON Schemas. Reads {"schemas": {name: schema}, "cases": [{name, schema, value, valid}]}
from standard input, and prints each case with another result than expected."""

import json
import sys

from jsonschema import Draft202012Validator

request = json.load(sys.stdin)
validators = {}
for name, schema in request["schemas"].items():
    Draft202012Validator.check_schema(schema)
    validators[name] = Draft202012Validator(schema)
for case in request["cases"]:
    errors = [error.message for error in validators[case["schema"]].iter_errors(case["value"])]
    if case["valid"] != (not errors):
        print(f"{case['name']}: {errors or 'is valid, but must not be'}")
