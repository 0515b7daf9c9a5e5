"""Calls one operation of a service on the emulator, and prints what it answers.

    ask.py ENDPOINT REGION SERVICE OPERATION PARAMETERS

An answer of an error is its text, in `Error`.
"""

import json
import sys

import boto3
from botocore.exceptions import ClientError

endpoint, region, service, operation, parameters = sys.argv[1:]
client = boto3.client(
    service,
    region_name=region,
    endpoint_url=endpoint,
    aws_access_key_id="testing",
    aws_secret_access_key="testing",
)
try:
    answer = getattr(client, operation)(**json.loads(parameters))
except ClientError as error:
    answer = {"Error": str(error)}
answer.pop("ResponseMetadata", None)
print(json.dumps(answer, default=str))
