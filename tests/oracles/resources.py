"""How each resource type of CloudFormation is made by its service's API, and read back from it.

A property without a counterpart in the call is an error: nothing is dropped, but what speaks of an
update or a removal alone. `updates.py` changes and removes what is made here.
"""

import io
import json
import re
import secrets
import string
import zipfile

import boto3
from botocore.config import Config

from emulator import ACCOUNT

ENDPOINT = None
CLIENTS, KINDS = {}, {}


def client(service, region):
    if (service, region) not in CLIENTS:
        CLIENTS[(service, region)] = boto3.client(
            service,
            region_name=region,
            endpoint_url=ENDPOINT,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
        )
    return CLIENTS[(service, region)]


def parameter(name, region):
    return client("ssm", region).get_parameter(Name=name)["Parameter"]["Value"]


def dynamic(value, region):
    """The value with what CloudFormation reads elsewhere when it deploys."""
    if isinstance(value, dict):
        return {key: dynamic(item, region) for key, item in value.items()}
    if isinstance(value, list):
        return [dynamic(item, region) for item in value]
    if not isinstance(value, str):
        return value
    pattern = r"\{\{resolve:secretsmanager:(arn:.+):SecretString:([^:}]*)\}\}"

    def secret(found):
        answer = client("secretsmanager", region).get_secret_value(SecretId=found[1])
        return json.loads(answer["SecretString"])[found[2]]

    return re.sub(pattern, secret, value)


def fit(value, shape, path, rename):
    """A value in the form of an API's shape. Names match without regard to case."""
    if shape.type_name == "structure":
        names, out = {member.lower(): member for member in shape.members}, {}
        for key, item in value.items():
            name = names.get(rename.get(key, key).lower())
            if name is None:
                raise ValueError(f"{path}.{key} has no counterpart in {shape.name}")
            out[name] = fit(item, shape.members[name], f"{path}.{key}", rename)
        return out
    if shape.type_name == "list":
        items = value if isinstance(value, list) else [value]
        return [fit(item, shape.member, f"{path}[]", rename) for item in items]
    if shape.type_name == "map":
        if isinstance(value, list):
            value = {item["Key"]: item["Value"] for item in value}
        return {key: fit(item, shape.value, f"{path}.{key}", rename) for key, item in value.items()}
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name in ("float", "double"):
        return float(value)
    if shape.type_name == "string":
        return value if isinstance(value, str) else json.dumps(value)
    return value


def at(document, path):
    """What stands at a path; `=word` is the word itself."""
    if path.startswith("="):
        return path[1:]
    for part in path.split("."):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


class Resource:
    def __init__(self, stack, name, kind):
        self.stack, self.name, self.kind, self.region = stack, name, kind, stack.region
        self.physical, self.attributes, self.properties = "", {}, {}

    def call(self, service, operation, parameters, rename=None):
        caller = client(service, self.region)
        model = caller.meta.service_model.operation_model(operation)
        body = fit(parameters, model.input_shape, operation, rename or {})
        [method] = [m for m, o in caller.meta.method_to_api_mapping.items() if o == operation]
        return getattr(caller, method)(**body)

    def name_for(self, given=None):
        """A name, made up where the template leaves it to CloudFormation."""
        if given:
            return given
        tail = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(12))
        return f"{self.stack.name}-{self.name}"[:40].lower() + f"-{tail}"

    def make(self):
        if self.kind not in KINDS:
            raise ValueError(f"nobody makes {self.kind} here")
        self.physical, self.attributes = KINDS[self.kind].make(self, dict(self.properties))

    def answers(self):
        """What the service says of it, each answer's values under their names."""
        known, told = {"ref": self.physical, "in": self.properties, "at": self.attributes}, {}
        for service, operation, wanted, *of in KINDS[self.kind].read:
            if of and of[0] not in self.properties:
                continue
            wanted = {key: at(known, path) for key, path in wanted.items()}
            leaves(self.call(service, operation, wanted), told)
        return told

    def is_there(self):
        """Whether the service still knows what was removed, or was to be kept."""
        try:
            told = self.answers()
        except Exception:
            return False
        going = {"pendingdeletion", "deleted", "inactive", "terminated"}
        # The storage service answers without a name; a search for names answers without a match.
        named = self.physical.lower() in set().union(*told.values())
        known = named or self.kind.startswith("AWS::S3::")
        return known and not going & (told.get("keystate", set()) | told.get("status", set()))

    def read_back(self):
        """What the service has against it: that it is not there, or that it is another."""
        properties = {}
        try:
            told = self.answers()
        except Exception as error:
            return [f"{self.name} ({self.kind}): {error}"]
        leaves(without(self.properties, "Tags"), properties)
        return [
            f"{self.name} ({self.kind}): {key} is {sorted(told[key])}, not {value}"
            for key, values in properties.items()
            for value in values
            if key in told and value not in told[key]
        ]


def leaves(value, into, name=""):
    """Every number, word and text, under its own name, as services variously spell them."""
    if isinstance(value, dict):
        for key, item in value.items():
            leaves(item, into, key.lower())
    elif isinstance(value, list):
        for item in value:
            leaves(item, into, name)
    elif isinstance(value, str) and value[:1] in "{[" and (tree := parsed(value)):
        leaves(tree, into, name)
    elif isinstance(value, (str, bool, int, float)):
        text = re.sub(r"\.0$", "", str(value).lower()).replace("s3n://", "s3://")
        text = {"enabled": "true", "disabled": "false"}.get(text, text)
        into.setdefault(name, set()).add(text)


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


class Kind:
    def __init__(self, make, read):
        self.make, self.read = make, read


def kind(name, *read):
    """Registers a function that makes a resource, and the calls that read it, some of them only
    where it has a property."""

    def register(make):
        KINDS[name] = Kind(make, read)
        return make

    return register


def plain(name, service, operation, ref, *read, names=None, tags=None, attributes=None, rename=None):
    """A type whose properties are what one call takes.

    `ref` and `attributes` are paths into {"in": properties, "out": answer}; `names` is the property
    that CloudFormation fills; `tags` is what EC2 calls the type where it tags it.
    """

    def make(resource, p):
        if names:
            p[names] = resource.name_for(p.get(names))
        body = tagged(tags, p) if tags else p
        both = {"in": p, "out": resource.call(service, operation, body, rename)}
        found = {key: at(both, path) for key, path in (attributes or {}).items()}
        return at(both, ref), found

    KINDS[name] = Kind(make, read)


def without(p, *names):
    return {key: value for key, value in p.items() if key not in names}


def tagged(kind_of_ec2, p):
    """The properties with their tags as EC2 takes them."""
    if "Tags" not in p:
        return p
    tags = [{"ResourceType": kind_of_ec2, "Tags": p["Tags"]}]
    return without(p, "Tags") | {"TagSpecifications": tags}


# --- keys, roles


@kind(
    "AWS::KMS::Key",
    ("kms", "DescribeKey", {"KeyId": "ref"}),
    ("kms", "GetKeyPolicy", {"KeyId": "ref", "PolicyName": "=default"}),
    ("kms", "GetKeyRotationStatus", {"KeyId": "ref"}),
)
def key(resource, p):
    body = without(p, "KeyPolicy", "EnableKeyRotation", "RotationPeriodInDays", "PendingWindowInDays", "Tags")
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in p.get("Tags", [])]
    made = resource.call("kms", "CreateKey", {**body, "Policy": p["KeyPolicy"], "Tags": tags})
    made = made["KeyMetadata"]
    if p.get("EnableKeyRotation"):
        period = {"RotationPeriodInDays": p.get("RotationPeriodInDays", 365)}
        resource.call("kms", "EnableKeyRotation", {"KeyId": made["KeyId"], **period})
    return made["KeyId"], {"Arn": made["Arn"]}


plain("AWS::KMS::Alias", "kms", "CreateAlias", "in.AliasName", ("kms", "DescribeKey", {"KeyId": "ref"}))


@kind("AWS::IAM::Role", ("iam", "GetRole", {"RoleName": "ref"}))
def role(resource, p):
    made = resource.call("iam", "CreateRole", without(p, "ManagedPolicyArns"))["Role"]
    for arn in p.get("ManagedPolicyArns", []):
        resource.call("iam", "AttachRolePolicy", {"RoleName": made["RoleName"], "PolicyArn": arn})
    return made["RoleName"], {"Arn": made["Arn"]}


plain(
    "AWS::IAM::RolePolicy", "iam", "PutRolePolicy", "in.PolicyName",
    ("iam", "GetRolePolicy", {"RoleName": "in.RoleName", "PolicyName": "ref"}),
)


@kind("AWS::IAM::InstanceProfile", ("iam", "GetInstanceProfile", {"InstanceProfileName": "ref"}))
def instance_profile(resource, p):
    name = {"InstanceProfileName": p["InstanceProfileName"]}
    made = resource.call("iam", "CreateInstanceProfile", without(p, "Roles"))["InstanceProfile"]
    for role_name in p["Roles"]:
        resource.call("iam", "AddRoleToInstanceProfile", {**name, "RoleName": role_name})
    return made["InstanceProfileName"], {"Arn": made["Arn"]}


# --- the network


@kind("AWS::EC2::VPC", ("ec2", "DescribeVpcs", {"VpcIds": "ref"}))
def vpc(resource, p):
    body = tagged("vpc", without(p, "EnableDnsHostnames", "EnableDnsSupport"))
    made = resource.call("ec2", "CreateVpc", body)["Vpc"]["VpcId"]
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        if name in p:
            resource.call("ec2", "ModifyVpcAttribute", {"VpcId": made, name: {"Value": p[name]}})
    return made, {"VpcId": made}


def network(name, operation, answer, reads, ids, tags=None):
    path = f"out.{answer}"
    plain(f"AWS::EC2::{name}", "ec2", operation, path, ("ec2", reads, {ids: "ref"}), tags=tags)


network("Subnet", "CreateSubnet", "Subnet.SubnetId", "DescribeSubnets", "SubnetIds", "subnet")
network(
    "RouteTable", "CreateRouteTable", "RouteTable.RouteTableId",
    "DescribeRouteTables", "RouteTableIds", "route-table",
)
network(
    "VPCEndpoint", "CreateVpcEndpoint", "VpcEndpoint.VpcEndpointId",
    "DescribeVpcEndpoints", "VpcEndpointIds", "vpc-endpoint",
)
plain(
    "AWS::EC2::SubnetRouteTableAssociation", "ec2", "AssociateRouteTable", "out.AssociationId",
    ("ec2", "DescribeRouteTables", {"RouteTableIds": "in.RouteTableId"}),
)


@kind("AWS::EC2::FlowLog", ("ec2", "DescribeFlowLogs", {"FlowLogIds": "ref"}))
def flow_log(resource, p):
    body = tagged("vpc-flow-log", without(p, "ResourceId"))
    body |= {"ResourceIds": [p["ResourceId"]]}
    made = resource.call("ec2", "CreateFlowLogs", body)
    if made.get("Unsuccessful"):
        raise ValueError(made["Unsuccessful"])
    return made["FlowLogIds"][0], {}


SOURCES = {
    "CidrIp": ("IpRanges", "CidrIp"),
    "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "SourceSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "SourcePrefixListId": ("PrefixListIds", "PrefixListId"),
    "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
}


def permission(rule):
    out = without(rule, "Description", "GroupId", *SOURCES)
    for source, (field, name) in SOURCES.items():
        if source in rule:
            out[field] = [{name: rule[source], "Description": rule.get("Description", "")}]
    return out


def authorize(resource, side, group, rule):
    body = {"GroupId": group, "IpPermissions": [permission(rule)]}
    made = resource.call("ec2", f"AuthorizeSecurityGroup{side}", body)
    return made["SecurityGroupRules"][0]["SecurityGroupRuleId"]


@kind("AWS::EC2::SecurityGroup", ("ec2", "DescribeSecurityGroups", {"GroupIds": "ref"}))
def security_group(resource, p):
    body = without(p, "GroupDescription", "SecurityGroupIngress", "SecurityGroupEgress")
    body = tagged("security-group", body) | {"Description": p["GroupDescription"]}
    made = resource.call("ec2", "CreateSecurityGroup", body)["GroupId"]
    if "SecurityGroupEgress" in p:
        everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        body = {"GroupId": made, "IpPermissions": [everything]}
        resource.call("ec2", "RevokeSecurityGroupEgress", body)
    for side in ("Ingress", "Egress"):
        for rule in p.get(f"SecurityGroup{side}", []):
            authorize(resource, side, made, rule)
    return made, {"GroupId": made}


def rule_of(side):
    read = ("ec2", "DescribeSecurityGroupRules", {"SecurityGroupRuleIds": "ref"})

    @kind(f"AWS::EC2::SecurityGroup{side}", read)
    def rule(resource, p):
        return authorize(resource, side, p["GroupId"], p), {}


rule_of("Ingress")
rule_of("Egress")

# --- storage


def lifecycle(rule):
    out = without(rule, "Id", "Prefix", "ExpirationInDays", "ExpiredObjectDeleteMarker", "Transitions")
    out |= {"ID": rule["Id"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    if "ExpirationInDays" in rule:
        out["Expiration"] = {"Days": rule["ExpirationInDays"]}
    if "ExpiredObjectDeleteMarker" in rule:
        out["Expiration"] = {"ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"]}
    if "Transitions" in rule:
        out["Transitions"] = [
            {"Days": each["TransitionInDays"], "StorageClass": each["StorageClass"]}
            for each in rule["Transitions"]
        ]
    return out


@kind(
    "AWS::S3::Bucket",
    ("s3", "GetBucketVersioning", {"Bucket": "ref"}),
    ("s3", "GetBucketEncryption", {"Bucket": "ref"}, "BucketEncryption"),
    ("s3", "GetPublicAccessBlock", {"Bucket": "ref"}, "PublicAccessBlockConfiguration"),
    ("s3", "GetBucketOwnershipControls", {"Bucket": "ref"}, "OwnershipControls"),
    ("s3", "GetBucketLifecycleConfiguration", {"Bucket": "ref"}, "LifecycleConfiguration"),
)
def bucket(resource, p):
    name = resource.name_for(p.pop("BucketName", None))
    place = {"LocationConstraint": resource.region}
    resource.call("s3", "CreateBucket", {"Bucket": name, "CreateBucketConfiguration": place})
    for what, value in p.items():
        bucket_setting(resource, name, what, value)
    return name, {"Arn": f"arn:aws:s3:::{name}"}


def bucket_setting(resource, name, what, value):
    def put(operation, member, body):
        resource.call("s3", operation, {"Bucket": name, member: body})

    if what == "PublicAccessBlockConfiguration":
        put("PutPublicAccessBlock", what, value)
    elif what == "OwnershipControls":
        put("PutBucketOwnershipControls", what, value)
    elif what == "VersioningConfiguration":
        put("PutBucketVersioning", what, value)
    elif what == "BucketEncryption":
        rules = [
            without(rule, "ServerSideEncryptionByDefault")
            | {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
            for rule in value["ServerSideEncryptionConfiguration"]
        ]
        put("PutBucketEncryption", "ServerSideEncryptionConfiguration", {"Rules": rules})
    elif what == "LifecycleConfiguration":
        rules = [lifecycle(rule) for rule in value["Rules"]]
        put("PutBucketLifecycleConfiguration", what, {"Rules": rules})
    elif what == "LoggingConfiguration":
        target = {"TargetBucket": value["DestinationBucketName"], "TargetPrefix": value["LogFilePrefix"]}
        put("PutBucketLogging", "BucketLoggingStatus", {"LoggingEnabled": target})
    elif what == "Tags":
        put("PutBucketTagging", "Tagging", {"TagSet": value})
    else:
        raise ValueError(f"{what}: nobody sets it here")


plain(
    "AWS::S3::BucketPolicy", "s3", "PutBucketPolicy", "in.Bucket",
    ("s3", "GetBucketPolicy", {"Bucket": "ref"}), rename={"PolicyDocument": "Policy"},
)
plain(
    "AWS::Glue::Database", "glue", "CreateDatabase", "in.DatabaseInput.Name",
    ("glue", "GetDatabase", {"Name": "ref"}),
)



@kind("AWS::SSM::Parameter", ("ssm", "GetParameter", {"Name": "ref"}))
def ssm_parameter(resource, p):
    tags = [{"Key": key, "Value": value} for key, value in p.get("Tags", {}).items()]
    p["Name"] = resource.name_for(p.get("Name"))
    resource.call("ssm", "PutParameter", without(p, "Tags") | {"Tags": tags})
    return p["Name"], {"Type": p["Type"], "Value": p["Value"]}


# --- watching


@kind("AWS::Logs::LogGroup", ("logs", "DescribeLogGroups", {"logGroupNamePrefix": "ref"}))
def log_group(resource, p):
    name = p["LogGroupName"]
    resource.call("logs", "CreateLogGroup", without(p, "RetentionInDays"))
    if "RetentionInDays" in p:
        body = {"logGroupName": name, "retentionInDays": p["RetentionInDays"]}
        resource.call("logs", "PutRetentionPolicy", body)
    return name, {"Arn": f"arn:aws:logs:{resource.region}:{ACCOUNT}:log-group:{name}:*"}


plain(
    "AWS::Logs::LogStream", "logs", "CreateLogStream", "in.LogStreamName",
    ("logs", "DescribeLogStreams", {"logGroupName": "in.LogGroupName", "logStreamNamePrefix": "ref"}),
)


@kind("AWS::CloudWatch::Alarm", ("cloudwatch", "DescribeAlarms", {"AlarmNames": "ref"}))
def alarm(resource, p):
    resource.call("cloudwatch", "PutMetricAlarm", p)
    name = p["AlarmName"]
    return name, {"Arn": f"arn:aws:cloudwatch:{resource.region}:{ACCOUNT}:alarm:{name}"}


plain(
    "AWS::CloudWatch::Dashboard", "cloudwatch", "PutDashboard", "in.DashboardName",
    ("cloudwatch", "GetDashboard", {"DashboardName": "ref"}),
)


@kind("AWS::SNS::Topic", ("sns", "GetTopicAttributes", {"TopicArn": "ref"}))
def topic(resource, p):
    body = {"Name": resource.name_for(p.get("TopicName")), "Tags": p.get("Tags", [])}
    settings = without(p, "TopicName", "Tags")
    made = resource.call("sns", "CreateTopic", {**body, "Attributes": settings})["TopicArn"]
    return made, {"TopicArn": made}


@kind("AWS::SNS::TopicPolicy", ("sns", "GetTopicAttributes", {"TopicArn": "in.Topics.0"}))
def topic_policy(resource, p):
    for arn in p["Topics"]:
        body = {"TopicArn": arn, "AttributeName": "Policy", "AttributeValue": p["PolicyDocument"]}
        resource.call("sns", "SetTopicAttributes", body)
    return resource.name_for(), {}


plain(
    "AWS::SNS::Subscription", "sns", "Subscribe", "out.SubscriptionArn",
    ("sns", "ListSubscriptionsByTopic", {"TopicArn": "in.TopicArn"}),
)

# --- streams


@kind("AWS::Kinesis::Stream", ("kinesis", "DescribeStreamSummary", {"StreamName": "ref"}))
def stream(resource, p):
    name = {"StreamName": resource.name_for(p.get("Name"))}
    body = without(p, "Name", "RetentionPeriodHours", "StreamEncryption")
    resource.call("kinesis", "CreateStream", {**body, **name})
    hours = p.get("RetentionPeriodHours", 24)
    if hours != 24:
        body = {**name, "RetentionPeriodHours": hours}
        resource.call("kinesis", "IncreaseStreamRetentionPeriod", body)
    if "StreamEncryption" in p:
        resource.call("kinesis", "StartStreamEncryption", {**name, **p["StreamEncryption"]})
    made = resource.call("kinesis", "DescribeStreamSummary", name)["StreamDescriptionSummary"]
    return name["StreamName"], {"Arn": made["StreamARN"]}


plain(
    "AWS::Kinesis::StreamConsumer", "kinesis", "RegisterStreamConsumer", "out.Consumer.ConsumerARN",
    ("kinesis", "DescribeStreamConsumer", {"StreamARN": "in.StreamARN", "ConsumerName": "in.ConsumerName"}),
)
plain(
    "AWS::Kinesis::ResourcePolicy", "kinesis", "PutResourcePolicy", "in.ResourceArn",
    ("kinesis", "GetResourcePolicy", {"ResourceARN": "ref"}), rename={"ResourcePolicy": "Policy"},
)
plain(
    "AWS::KinesisFirehose::DeliveryStream", "firehose", "CreateDeliveryStream", "in.DeliveryStreamName",
    ("firehose", "DescribeDeliveryStream", {"DeliveryStreamName": "ref"}),
    attributes={"Arn": "out.DeliveryStreamARN"},
)
plain(
    "AWS::KinesisAnalyticsV2::Application", "kinesisanalyticsv2", "CreateApplication", "in.ApplicationName",
    ("kinesisanalyticsv2", "DescribeApplication", {"ApplicationName": "ref"}),
)


@kind(
    "AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption",
    ("kinesisanalyticsv2", "DescribeApplication", {"ApplicationName": "in.ApplicationName"}),
)
def logging_option(resource, p):
    name = {"ApplicationName": p["ApplicationName"]}
    known = resource.call("kinesisanalyticsv2", "DescribeApplication", name)["ApplicationDetail"]
    version = {"CurrentApplicationVersionId": known["ApplicationVersionId"]}
    resource.call("kinesisanalyticsv2", "AddApplicationCloudWatchLoggingOption", {**p, **version})
    return resource.name_for(), {}


plain(
    "AWS::Timestream::InfluxDBInstance", "timestream-influxdb", "CreateDbInstance", "out.id",
    ("timestream-influxdb", "GetDbInstance", {"identifier": "ref"}),
    attributes={
        "Id": "out.id", "Arn": "out.arn", "Endpoint": "out.endpoint",
        "InfluxAuthParametersSecretArn": "out.influxAuthParametersSecretArn",
    },
)

# --- programs


def zipped(text):
    """What CloudFormation makes of a function's text."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("index.py", text)
    return data.getvalue()


@kind("AWS::Lambda::Function", ("lambda", "GetFunction", {"FunctionName": "ref"}))
def lambda_function(resource, p):
    code = dict(p["Code"])
    if "ZipFile" in code:
        code["ZipFile"] = zipped(code["ZipFile"])
    made = resource.call("lambda", "CreateFunction", {**p, "Code": code})
    return made["FunctionName"], {"Arn": made["FunctionArn"]}


@kind("AWS::CloudFormation::CustomResource")
def custom_resource(resource, p):
    event = {"RequestType": "Create", "ResourceProperties": without(p, "ServiceToken", "ServiceTimeout")}
    body = {"FunctionName": p["ServiceToken"], "Payload": json.dumps(event).encode()}
    answer = resource.call("lambda", "Invoke", body)
    if answer.get("FunctionError"):
        raise ValueError(answer["Payload"].read())
    return resource.name_for(), {}


@kind(
    "AWS::Events::Rule",
    ("events", "DescribeRule", {"Name": "ref"}),
    ("events", "ListTargetsByRule", {"Rule": "ref"}),
)
def event_rule(resource, p):
    resource.call("events", "PutRule", without(p, "Targets"))
    body = {"Rule": p["Name"], "Targets": p["Targets"]}
    if resource.call("events", "PutTargets", body)["FailedEntryCount"]:
        raise ValueError("a target is refused")
    return p["Name"], {}


plain(
    "AWS::Scheduler::Schedule", "scheduler", "CreateSchedule", "in.Name",
    ("scheduler", "GetSchedule", {"Name": "ref"}),
)
plain(
    "AWS::StepFunctions::StateMachine", "stepfunctions", "CreateStateMachine", "out.stateMachineArn",
    ("stepfunctions", "DescribeStateMachine", {"stateMachineArn": "ref"}),
    attributes={"Arn": "out.stateMachineArn"},
    rename={"StateMachineName": "name", "StateMachineType": "type"},
)

# --- the screen

plain(
    "AWS::ECS::Cluster", "ecs", "CreateCluster", "in.ClusterName",
    ("ecs", "DescribeClusters", {"clusters": "ref"}), rename={"ClusterSettings": "settings"},
)
plain(
    "AWS::ECS::TaskDefinition", "ecs", "RegisterTaskDefinition", "out.taskDefinition.taskDefinitionArn",
    ("ecs", "DescribeTaskDefinition", {"taskDefinition": "ref"}),
)
plain(
    "AWS::ECS::Service", "ecs", "CreateService", "out.service.serviceArn",
    ("ecs", "DescribeServices", {"cluster": "in.Cluster", "services": "ref"}),
)


@kind(
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    ("elbv2", "DescribeLoadBalancers", {"LoadBalancerArns": "ref"}),
    ("elbv2", "DescribeLoadBalancerAttributes", {"LoadBalancerArn": "ref"}),
)
def load_balancer(resource, p):
    body = without(p, "LoadBalancerAttributes")
    [made] = resource.call("elbv2", "CreateLoadBalancer", body)["LoadBalancers"]
    arn = made["LoadBalancerArn"]
    body = {"LoadBalancerArn": arn, "Attributes": p.get("LoadBalancerAttributes", [])}
    resource.call("elbv2", "ModifyLoadBalancerAttributes", body)
    full = arn.split(":loadbalancer/")[1]
    return arn, {"DNSName": made["DNSName"], "LoadBalancerFullName": full}


@kind(
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    ("elbv2", "DescribeTargetGroups", {"TargetGroupArns": "ref"}),
    ("elbv2", "DescribeTargetGroupAttributes", {"TargetGroupArn": "ref"}),
)
def target_group(resource, p):
    body = without(p, "TargetGroupAttributes")
    [made] = resource.call("elbv2", "CreateTargetGroup", body)["TargetGroups"]
    arn = made["TargetGroupArn"]
    body = {"TargetGroupArn": arn, "Attributes": p.get("TargetGroupAttributes", [])}
    resource.call("elbv2", "ModifyTargetGroupAttributes", body)
    return arn, {"TargetGroupFullName": arn.split(":")[-1]}


plain(
    "AWS::ElasticLoadBalancingV2::Listener", "elbv2", "CreateListener", "out.Listeners.0.ListenerArn",
    ("elbv2", "DescribeListeners", {"ListenerArns": "ref"}),
)

# --- the warehouse


@kind(
    "AWS::Redshift::ClusterParameterGroup",
    ("redshift", "DescribeClusterParameterGroups", {"ParameterGroupName": "ref"}),
    ("redshift", "DescribeClusterParameters", {"ParameterGroupName": "ref"}),
)
def parameter_group(resource, p):
    name = {"ParameterGroupName": resource.name_for(p.get("ParameterGroupName"))}
    body = without(p, "Parameters") | name
    resource.call("redshift", "CreateClusterParameterGroup", body)
    body = {**name, "Parameters": p["Parameters"]}
    resource.call("redshift", "ModifyClusterParameterGroup", body)
    return name["ParameterGroupName"], {}


plain(
    "AWS::Redshift::ClusterSubnetGroup", "redshift", "CreateClusterSubnetGroup", "in.ClusterSubnetGroupName",
    ("redshift", "DescribeClusterSubnetGroups", {"ClusterSubnetGroupName": "ref"}),
    names="ClusterSubnetGroupName",
)


@kind(
    "AWS::Redshift::Cluster",
    ("redshift", "DescribeClusters", {"ClusterIdentifier": "ref"}),
    ("redshift", "DescribeLoggingStatus", {"ClusterIdentifier": "ref"}),
)
def redshift_cluster(resource, p):
    made = resource.call("redshift", "CreateCluster", without(p, "LoggingProperties"))["Cluster"]
    name = {"ClusterIdentifier": made["ClusterIdentifier"]}
    if "LoggingProperties" in p:
        resource.call("redshift", "EnableLogging", {**name, **p["LoggingProperties"]})
    attributes = {
        "Endpoint.Address": made["Endpoint"]["Address"],
        "MasterPasswordSecretArn": made.get("MasterPasswordSecretArn", ""),
    }
    return made["ClusterIdentifier"], attributes


plain(
    "AWS::Redshift::UsageLimit", "redshift", "CreateUsageLimit", "out.UsageLimitId",
    ("redshift", "DescribeUsageLimits", {"UsageLimitId": "ref"}),
)
plain(
    "AWS::Redshift::ScheduledAction", "redshift", "CreateScheduledAction", "in.ScheduledActionName",
    ("redshift", "DescribeScheduledActions", {"ScheduledActionName": "ref"}),
)

# --- databases

plain(
    "AWS::RDS::DBSubnetGroup", "rds", "CreateDBSubnetGroup", "in.DBSubnetGroupName",
    ("rds", "DescribeDBSubnetGroups", {"DBSubnetGroupName": "ref"}),
)


@kind("AWS::RDS::DBParameterGroup", ("rds", "DescribeDBParameterGroups", {"DBParameterGroupName": "ref"}))
def database_parameters(resource, p):
    name = p["DBParameterGroupName"]
    rename = {"Family": "DBParameterGroupFamily"}
    resource.call("rds", "CreateDBParameterGroup", without(p, "Parameters"), rename)
    chosen = [
        {"ParameterName": key, "ParameterValue": value, "ApplyMethod": "pending-reboot"}
        for key, value in p.get("Parameters", {}).items()
    ]
    body = {"DBParameterGroupName": name, "Parameters": chosen}
    resource.call("rds", "ModifyDBParameterGroup", body)
    return name, {}


@kind("AWS::RDS::DBInstance", ("rds", "DescribeDBInstances", {"DBInstanceIdentifier": "ref"}))
def database(resource, p):
    # These say something of updates and of the removal.
    speaks_later = ("AllowMajorVersionUpgrade", "ApplyImmediately", "DeleteAutomatedBackups")
    body = without(p, "MasterUserSecret", *speaks_later)
    if "MasterUserSecret" in p:
        body["MasterUserSecretKmsKeyId"] = p["MasterUserSecret"]["KmsKeyId"]
    rename = {"VPCSecurityGroups": "VpcSecurityGroupIds"}
    made = resource.call("rds", "CreateDBInstance", body, rename)["DBInstance"]
    attributes = {
        "DBInstanceArn": made["DBInstanceArn"],
        "DbiResourceId": made["DbiResourceId"],
        "Endpoint.Address": made["Endpoint"]["Address"],
        "MasterUserSecret.SecretArn": made.get("MasterUserSecret", {}).get("SecretArn", ""),
    }
    return made["DBInstanceIdentifier"], attributes


# --- Hadoop

plain(
    "AWS::EMR::SecurityConfiguration", "emr", "CreateSecurityConfiguration", "in.Name",
    ("emr", "DescribeSecurityConfiguration", {"Name": "ref"}), names="Name",
)


@kind(
    "AWS::EMR::Cluster",
    ("emr", "DescribeCluster", {"ClusterId": "ref"}),
    ("emr", "ListInstanceFleets", {"ClusterId": "ref"}),
    ("emr", "ListInstanceGroups", {"ClusterId": "ref"}),
    ("emr", "GetManagedScalingPolicy", {"ClusterId": "ref"}, "ManagedScalingPolicy"),
)
def hadoop_cluster(resource, p):
    instances, fleets, groups = dict(p["Instances"]), [], []
    for role_name in ("Master", "Core"):
        if f"{role_name}InstanceFleet" in instances:
            fleet = instances.pop(f"{role_name}InstanceFleet")
            fleets.append({"InstanceFleetType": role_name.upper(), **fleet})
        if f"{role_name}InstanceGroup" in instances:
            group = instances.pop(f"{role_name}InstanceGroup")
            groups.append({"InstanceRole": role_name.upper(), **group})
    for fleet in instances.pop("TaskInstanceFleets", []):
        fleets.append({"InstanceFleetType": "TASK", **fleet})
    for group in instances.pop("TaskInstanceGroups", []):
        groups.append({"InstanceRole": "TASK", **group})
    if fleets:
        instances["InstanceFleets"] = fleets
    if groups:
        instances["InstanceGroups"] = groups
    rename = {"ConfigurationProperties": "Properties", "StepProperties": "Properties"}
    ident = resource.call("emr", "RunJobFlow", {**p, "Instances": instances}, rename)["JobFlowId"]
    made = resource.call("emr", "DescribeCluster", {"ClusterId": ident})["Cluster"]
    return ident, {"Id": ident, "MasterPublicDNS": made["MasterPublicDnsName"]}
