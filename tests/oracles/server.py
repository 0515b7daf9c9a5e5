"""The moto server on a free port of 127.0.0.1, with some of its faults mended.

Prints "listening on PORT" once it accepts connections, and ends when its standard input does,
so that it never outlives the tests that started it.
"""

import inspect
import json
import os
import sys
import threading
from types import SimpleNamespace

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

import moto.elbv2.models as load_balancers  # noqa: E402
from moto.ec2.models.security_groups import SecurityGroupRule  # noqa: E402
from moto.kinesis.responses import KinesisResponse  # noqa: E402
from moto.kms.responses import KmsResponse  # noqa: E402
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.rds.models import DBInstance, DBParameterGroup  # noqa: E402
from moto.s3.models import FakeBucket  # noqa: E402
from moto.secretsmanager.exceptions import SecretsManagerClientError  # noqa: E402
from moto.secretsmanager.responses import SecretsManagerResponse  # noqa: E402
from moto.ssm.exceptions import ParameterNotFound  # noqa: E402
from moto.ssm.responses import SimpleSystemManagerResponse  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cloudformation  # noqa: E402
import resources  # noqa: E402
import services  # noqa: E402, F401
import stack_sets  # noqa: E402, F401
from emulator import PAGES, Emulator  # noqa: E402


def keep_rule_descriptions():
    """moto keeps the description of a rule only where the rule names an address range."""
    init = SecurityGroupRule.__init__
    signature = inspect.signature(init)

    def init_with_source(self, *args, **kwargs):
        init(self, *args, **kwargs)
        given = signature.bind(self, *args, **kwargs).arguments
        self.named_source = given.get("source_group") or given.get("prefix_list_id") or {}

    def description(self):
        return self.ip_range.get("Description") or self.named_source.get("Description")

    SecurityGroupRule.__init__ = init_with_source
    SecurityGroupRule.description = property(description)


def accept_log_buckets_that_name_everyone():
    """moto fails on a log bucket whose policy has a statement with `"Principal": "*"`."""
    plain = FakeBucket._log_permissions_enabled_policy

    def check(target_bucket, target_prefix):
        if not target_bucket.policy:
            return False
        policy = json.loads(target_bucket.policy)
        policy["Statement"] = [s for s in policy["Statement"] if s.get("Principal") != "*"]
        bucket = SimpleNamespace(
            policy=json.dumps(policy).encode(),
            partition=target_bucket.partition,
            name=target_bucket.name,
        )
        return plain(bucket, target_prefix)

    FakeBucket._log_permissions_enabled_policy = staticmethod(check)


def keep_stream_tags():
    """moto drops the tags that a stream is created with."""
    plain = KinesisResponse.create_stream

    def create_stream(self):
        result = plain(self)
        self.kinesis_backend.add_tags_to_stream(
            stream_arn=None,
            stream_name=self._get_param("StreamName"),
            tags=self._get_param("Tags") or {},
        )
        return result

    KinesisResponse.create_stream = create_stream


def keep_rotation_periods():
    """moto forgets how often a key is rotated."""
    plain_enable, plain_status = (
        KmsResponse.enable_key_rotation,
        KmsResponse.get_key_rotation_status,
    )

    def key(self):
        return self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]

    def enable(self):
        result = plain_enable(self)
        key(self).rotation_period = self._get_param("RotationPeriodInDays") or 365
        return result

    def status(self):
        result = json.loads(plain_status(self))
        if result["KeyRotationEnabled"]:
            result["RotationPeriodInDays"] = key(self).rotation_period
        return json.dumps(result)

    KmsResponse.enable_key_rotation = enable
    KmsResponse.get_key_rotation_status = status


def keep_performance_insights():
    """moto forgets what a database instance is asked to say of its load."""
    plain = DBInstance.__init__

    def init(self, *args, **given):
        plain(self, *args, **given)
        self.performance_insights_enabled = given.get("enable_performance_insights", False)
        for name in ("performance_insights_kms_key_id", "performance_insights_retention_period"):
            setattr(self, name, given.get(name))

    DBInstance.__init__ = init


def say_whose_database_parameters_are():
    """Terraform reads back those parameters alone that are said to be the user's."""
    plain = DBParameterGroup.update_parameters

    def update_parameters(self, new_parameters):
        plain(self, [{**parameter, "Source": "user"} for parameter in new_parameters])

    DBParameterGroup.update_parameters = update_parameters


def know_every_secret():
    """A plan reads secrets that somebody made before; here, nobody did."""
    plain = SecretsManagerResponse.get_secret_value

    def get_secret_value(self):
        try:
            return plain(self)
        except SecretsManagerClientError:
            return json.dumps(
                {
                    "ARN": self._get_param("SecretId"),
                    "Name": "made-up",
                    "VersionId": "0" * 32,
                    "VersionStages": ["AWSCURRENT"],
                    "SecretString": json.dumps({"password": "madeup12", "username": "madeup"}),
                    "CreatedDate": 0,
                }
            )

    SecretsManagerResponse.get_secret_value = get_secret_value


def know_every_parameter():
    """A plan reads parameters that another team keeps; here, nobody does."""
    plain = SimpleSystemManagerResponse.get_parameter

    def get_parameter(self):
        try:
            return plain(self)
        except ParameterNotFound:
            name = self._get_param("Name")
            value = f"{'subnet' if 'private' in name else 'vpc'}-0123456789abcdef0"
            parameter = {"Name": name, "Type": "String", "Value": value, "Version": 1}
            return json.dumps({"Parameter": parameter})

    SimpleSystemManagerResponse.get_parameter = get_parameter


def know_every_certificate():
    """A listener names a certificate that somebody requested before; here, nobody did."""
    load_balancers.register_certificate = lambda *args, **kwargs: None


def end_with_standard_input():
    sys.stdin.buffer.read()
    os._exit(0)


keep_rule_descriptions()
accept_log_buckets_that_name_everyone()
keep_stream_tags()
keep_rotation_periods()
keep_performance_insights()
say_whose_database_parameters_are()
know_every_secret()
know_every_certificate()
know_every_parameter()

server = make_server(
    "127.0.0.1",
    0,
    Emulator(DomainDispatcherApplication(create_backend_app)),
    threaded=True,
    request_handler=MotoRequestHandler,
)
os.environ["MOTO_PORT"] = str(server.server_port)
resources.ENDPOINT = f"http://127.0.0.1:{server.server_port}"
PAGES["read-back"] = cloudformation.read_back
threading.Thread(target=end_with_standard_input, daemon=True).start()
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
