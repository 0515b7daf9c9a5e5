"""How each resource type of CloudFormation is changed in place and removed by its service's API.

A property that nobody changes here fails the stack, and so does a type that nobody removes.
"""

import json

from resources import at, bucket_setting, without, zipped

CHANGES, REMOVALS = {}, {}


def changes(kind, *properties):
    """Registers a function that brings these properties of a resource to what they are to be."""

    def register(function):
        for name in properties:
            CHANGES[(kind, name)] = function
        return function

    return register


def change(resource, wanted):
    """Brings a resource to what is wanted, property by property: what was done is noted, so that
    what fails half-way can be undone."""
    names = different(resource, wanted, {**resource.properties, **wanted})
    together = {}
    for name in names:
        function = CHANGES.get((resource.kind, name)) or CHANGES.get((resource.kind, "*"))
        if not function:
            raise ValueError(f"nobody changes {name} of {resource.kind} here")
        together.setdefault(function, []).append(name)
    for function, some in together.items():
        function(resource, dict(wanted))
        kept = without(resource.properties, *some)
        resource.properties = kept | {name: wanted[name] for name in some if name in wanted}


def different(resource, p, names):
    return [name for name in names if resource.properties.get(name) != p.get(name)]


def again(kind, service, operation, *properties, rename=None, leave=(), **fixed):
    """A type whose properties are sent once more, as when it was made. `fixed` are paths to what
    the template may leave out, and `leave` is what the call does not take."""

    @changes(kind, *properties)
    def send(resource, p):
        known = {"ref": resource.physical, "in": p}
        body = without(p, "Tags", *leave) | {key: at(known, path) for key, path in fixed.items()}
        resource.call(service, operation, body, rename)


def tags(kind, service, tag, untag, ident, rename=None, tags="Tags", keys="TagKeys", of="ref"):
    @changes(kind, "Tags")
    def send(resource, p):
        known = {"ref": resource.physical, "at": resource.attributes}
        name = {ident: at(known, of).removesuffix(":*")}
        new = {one["Key"] for one in p.get("Tags", [])}
        gone = [one["Key"] for one in resource.properties.get("Tags", []) if one["Key"] not in new]
        if gone:
            resource.call(service, untag, {**name, keys: gone})
        if new:
            resource.call(service, tag, {**name, tags: p["Tags"]}, rename)


def removes(kind):
    def register(function):
        REMOVALS[kind] = function
        return function

    return register


def removed(kind, service, operation, **wanted):
    """A type that one call removes."""

    @removes(kind)
    def send(resource):
        known = {"ref": resource.physical, "in": resource.properties, "at": resource.attributes}
        body = {key: at(known, path) for key, path in wanted.items()}
        resource.call(service, operation, body)


def remove(resource):
    if resource.kind not in REMOVALS:
        raise ValueError(f"nobody removes {resource.kind} here")
    REMOVALS[resource.kind](resource)


# --- keys, roles


@changes("AWS::KMS::Key", "KeyPolicy")
def key_policy(resource, p):
    body = {"KeyId": resource.physical, "PolicyName": "default", "Policy": p["KeyPolicy"]}
    resource.call("kms", "PutKeyPolicy", body)


@changes("AWS::KMS::Key", "Description")
def key_description(resource, p):
    body = {"KeyId": resource.physical, "Description": p.get("Description", "")}
    resource.call("kms", "UpdateKeyDescription", body)


@changes("AWS::KMS::Key", "EnableKeyRotation", "RotationPeriodInDays")
def key_rotation(resource, p):
    body = {"KeyId": resource.physical}
    if not p.get("EnableKeyRotation"):
        resource.call("kms", "DisableKeyRotation", body)
        return
    body |= {"RotationPeriodInDays": p.get("RotationPeriodInDays", 365)}
    resource.call("kms", "EnableKeyRotation", body)


@changes("AWS::KMS::Key", "PendingWindowInDays")
def key_window(resource, p):
    """It speaks of the removal."""


@removes("AWS::KMS::Key")
def remove_key(resource):
    days = resource.properties.get("PendingWindowInDays", 30)
    body = {"KeyId": resource.physical, "PendingWindowInDays": days}
    resource.call("kms", "ScheduleKeyDeletion", body)


tags(
    "AWS::KMS::Key", "kms", "TagResource", "UntagResource", "KeyId",
    rename={"Key": "TagKey", "Value": "TagValue"},
)
again("AWS::KMS::Alias", "kms", "UpdateAlias", "TargetKeyId")
removed("AWS::KMS::Alias", "kms", "DeleteAlias", AliasName="ref")


@changes("AWS::IAM::Role", "AssumeRolePolicyDocument")
def trust(resource, p):
    body = {"RoleName": resource.physical, "PolicyDocument": p["AssumeRolePolicyDocument"]}
    resource.call("iam", "UpdateAssumeRolePolicy", body)


@changes("AWS::IAM::Role", "Description", "MaxSessionDuration")
def role(resource, p):
    body = {
        "RoleName": resource.physical,
        "Description": p.get("Description", ""),
        "MaxSessionDuration": p.get("MaxSessionDuration", 3600),
    }
    resource.call("iam", "UpdateRole", body)


@changes("AWS::IAM::Role", "PermissionsBoundary")
def boundary(resource, p):
    name = {"RoleName": resource.physical}
    if "PermissionsBoundary" in p:
        body = {**name, "PermissionsBoundary": p["PermissionsBoundary"]}
        resource.call("iam", "PutRolePermissionsBoundary", body)
    else:
        resource.call("iam", "DeleteRolePermissionsBoundary", name)


@changes("AWS::IAM::Role", "ManagedPolicyArns")
def managed_policies(resource, p):
    old = set(resource.properties.get("ManagedPolicyArns", []))
    new = set(p.get("ManagedPolicyArns", []))
    for operation, arns in (("AttachRolePolicy", new - old), ("DetachRolePolicy", old - new)):
        for arn in sorted(arns):
            body = {"RoleName": resource.physical, "PolicyArn": arn}
            resource.call("iam", operation, body)


@removes("AWS::IAM::Role")
def remove_role(resource):
    managed_policies(resource, {})
    resource.call("iam", "DeleteRole", {"RoleName": resource.physical})


tags("AWS::IAM::Role", "iam", "TagRole", "UntagRole", "RoleName")
again("AWS::IAM::RolePolicy", "iam", "PutRolePolicy", "PolicyDocument")
removed("AWS::IAM::RolePolicy", "iam", "DeleteRolePolicy", RoleName="in.RoleName", PolicyName="ref")


@removes("AWS::IAM::InstanceProfile")
def remove_instance_profile(resource):
    name = {"InstanceProfileName": resource.physical}
    for role_name in resource.properties["Roles"]:
        resource.call("iam", "RemoveRoleFromInstanceProfile", {**name, "RoleName": role_name})
    resource.call("iam", "DeleteInstanceProfile", name)


# --- the network

for name, operation, ident in (
    ("VPC", "DeleteVpc", "VpcId"),
    ("Subnet", "DeleteSubnet", "SubnetId"),
    ("RouteTable", "DeleteRouteTable", "RouteTableId"),
    ("VPCEndpoint", "DeleteVpcEndpoints", "VpcEndpointIds"),
    ("SubnetRouteTableAssociation", "DisassociateRouteTable", "AssociationId"),
    ("FlowLog", "DeleteFlowLogs", "FlowLogIds"),
    ("SecurityGroup", "DeleteSecurityGroup", "GroupId"),
):
    removed(f"AWS::EC2::{name}", "ec2", operation, **{ident: "ref"})

for side in ("Ingress", "Egress"):
    removed(
        f"AWS::EC2::SecurityGroup{side}", "ec2", f"RevokeSecurityGroup{side}",
        GroupId="in.GroupId", SecurityGroupRuleIds="ref",
    )

# --- storage

# Each setting of a bucket, and the call that takes it back.
BACK = {
    "PublicAccessBlockConfiguration": "DeletePublicAccessBlock",
    "OwnershipControls": "DeleteBucketOwnershipControls",
    "BucketEncryption": "DeleteBucketEncryption",
    "LifecycleConfiguration": "DeleteBucketLifecycle",
    "Tags": "DeleteBucketTagging",
}


@changes("AWS::S3::Bucket", *BACK, "VersioningConfiguration", "LoggingConfiguration")
def bucket(resource, p):
    name = {"Bucket": resource.physical}
    for what in different(resource, p, (*BACK, "VersioningConfiguration", "LoggingConfiguration")):
        if what in p:
            bucket_setting(resource, resource.physical, what, p[what])
        elif what in BACK:
            resource.call("s3", BACK[what], name)
        elif what == "VersioningConfiguration":
            bucket_setting(resource, resource.physical, what, {"Status": "Suspended"})
        else:
            resource.call("s3", "PutBucketLogging", {**name, "BucketLoggingStatus": {}})


removed("AWS::S3::Bucket", "s3", "DeleteBucket", Bucket="ref")
again(
    "AWS::S3::BucketPolicy", "s3", "PutBucketPolicy", "PolicyDocument",
    rename={"PolicyDocument": "Policy"},
)
removed("AWS::S3::BucketPolicy", "s3", "DeleteBucketPolicy", Bucket="ref")
again("AWS::Glue::Database", "glue", "UpdateDatabase", "DatabaseInput", Name="ref")
removed("AWS::Glue::Database", "glue", "DeleteDatabase", Name="ref")


@changes("AWS::SSM::Parameter", "Value", "Description")
def parameter(resource, p):
    resource.call("ssm", "PutParameter", {**without(p, "Tags"), "Overwrite": True})


removed("AWS::SSM::Parameter", "ssm", "DeleteParameter", Name="ref")

# --- watching


@changes("AWS::Logs::LogGroup", "RetentionInDays")
def retention(resource, p):
    body = {"logGroupName": resource.physical}
    if "RetentionInDays" in p:
        body |= {"retentionInDays": p["RetentionInDays"]}
        resource.call("logs", "PutRetentionPolicy", body)
    else:
        resource.call("logs", "DeleteRetentionPolicy", body)


@changes("AWS::Logs::LogGroup", "KmsKeyId")
def log_key(resource, p):
    body = {"logGroupName": resource.physical}
    if "KmsKeyId" in p:
        resource.call("logs", "AssociateKmsKey", {**body, "kmsKeyId": p["KmsKeyId"]})
    else:
        resource.call("logs", "DisassociateKmsKey", body)


tags(
    "AWS::Logs::LogGroup", "logs", "TagResource", "UntagResource", "resourceArn",
    tags="tags", keys="tagKeys", of="at.Arn",
)
removed("AWS::Logs::LogGroup", "logs", "DeleteLogGroup", logGroupName="ref")
removed(
    "AWS::Logs::LogStream", "logs", "DeleteLogStream",
    logGroupName="in.LogGroupName", logStreamName="ref",
)
again(
    "AWS::CloudWatch::Alarm", "cloudwatch", "PutMetricAlarm",
    "ActionsEnabled", "AlarmActions", "AlarmDescription", "ComparisonOperator", "DatapointsToAlarm",
    "Dimensions", "EvaluateLowSampleCountPercentile", "EvaluationPeriods", "ExtendedStatistic",
    "InsufficientDataActions", "MetricName", "Metrics", "Namespace", "OKActions", "Period",
    "Statistic", "Threshold", "ThresholdMetricId", "TreatMissingData", "Unit",
)
tags(
    "AWS::CloudWatch::Alarm", "cloudwatch", "TagResource", "UntagResource", "ResourceARN", of="at.Arn"
)
removed("AWS::CloudWatch::Alarm", "cloudwatch", "DeleteAlarms", AlarmNames="ref")
again(
    "AWS::CloudWatch::Dashboard", "cloudwatch", "PutDashboard", "DashboardBody", DashboardName="ref"
)
removed("AWS::CloudWatch::Dashboard", "cloudwatch", "DeleteDashboards", DashboardNames="ref")


SETTINGS = ("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")


@changes("AWS::SNS::Topic", *SETTINGS)
def topic(resource, p):
    for name in different(resource, p, SETTINGS):
        body = {"AttributeName": name, "AttributeValue": p.get(name, "")}
        resource.call("sns", "SetTopicAttributes", {"TopicArn": resource.physical, **body})


tags("AWS::SNS::Topic", "sns", "TagResource", "UntagResource", "ResourceArn")
removed("AWS::SNS::Topic", "sns", "DeleteTopic", TopicArn="ref")


def topic_policy(resource, arn, document):
    body = {"TopicArn": arn, "AttributeName": "Policy", "AttributeValue": document}
    resource.call("sns", "SetTopicAttributes", body)


def own_policy(arn):
    """What a topic has that nobody gave a policy: its account may use it."""
    actions = ["Publish", "Subscribe", "GetTopicAttributes", "SetTopicAttributes"]
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in actions],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": arn.split(":")[4]}},
    }
    return {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}


@changes("AWS::SNS::TopicPolicy", "PolicyDocument", "Topics")
def topic_policies(resource, p):
    for arn in p["Topics"]:
        topic_policy(resource, arn, p["PolicyDocument"])
    for arn in set(resource.properties["Topics"]) - set(p["Topics"]):
        topic_policy(resource, arn, own_policy(arn))


@removes("AWS::SNS::TopicPolicy")
def remove_topic_policy(resource):
    for arn in resource.properties["Topics"]:
        topic_policy(resource, arn, own_policy(arn))


DELIVERY = ("DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy")


@changes("AWS::SNS::Subscription", *DELIVERY)
def subscription(resource, p):
    for name in different(resource, p, DELIVERY):
        body = {"AttributeName": name, "AttributeValue": p.get(name, "")}
        resource.call("sns", "SetSubscriptionAttributes", {"SubscriptionArn": resource.physical, **body})


removed("AWS::SNS::Subscription", "sns", "Unsubscribe", SubscriptionArn="ref")

# --- streams


@changes("AWS::Kinesis::Stream", "RetentionPeriodHours")
def stream_retention(resource, p):
    name, hours = {"StreamName": resource.physical}, p.get("RetentionPeriodHours", 24)
    known = resource.call("kinesis", "DescribeStreamSummary", name)["StreamDescriptionSummary"]
    side = "Increase" if hours > known["RetentionPeriodHours"] else "Decrease"
    body = {**name, "RetentionPeriodHours": hours}
    resource.call("kinesis", f"{side}StreamRetentionPeriod", body)


@changes("AWS::Kinesis::Stream", "StreamModeDetails", "ShardCount")
def stream_capacity(resource, p):
    old, new = ((one.get("StreamModeDetails") or {}).get("StreamMode") for one in (resource.properties, p))
    if old != new:
        mode = {"StreamMode": new or "PROVISIONED"}
        body = {"StreamARN": resource.attributes["Arn"], "StreamModeDetails": mode}
        resource.call("kinesis", "UpdateStreamMode", body)
    if new != "ON_DEMAND":
        body = {"TargetShardCount": p.get("ShardCount", 1), "ScalingType": "UNIFORM_SCALING"}
        resource.call("kinesis", "UpdateShardCount", {"StreamName": resource.physical, **body})


@changes("AWS::Kinesis::Stream", "StreamEncryption")
def stream_encryption(resource, p):
    name = {"StreamName": resource.physical}
    if "StreamEncryption" in p:
        resource.call("kinesis", "StartStreamEncryption", {**name, **p["StreamEncryption"]})
    else:
        old = resource.properties["StreamEncryption"]
        resource.call("kinesis", "StopStreamEncryption", {**name, **old})


tags("AWS::Kinesis::Stream", "kinesis", "AddTagsToStream", "RemoveTagsFromStream", "StreamName")


@removes("AWS::Kinesis::Stream")
def remove_stream(resource):
    body = {"StreamName": resource.physical, "EnforceConsumerDeletion": True}
    resource.call("kinesis", "DeleteStream", body)


removed("AWS::Kinesis::StreamConsumer", "kinesis", "DeregisterStreamConsumer", ConsumerARN="ref")
again(
    "AWS::Kinesis::ResourcePolicy", "kinesis", "PutResourcePolicy", "ResourcePolicy",
    rename={"ResourcePolicy": "Policy"},
)
removed("AWS::Kinesis::ResourcePolicy", "kinesis", "DeleteResourcePolicy", ResourceARN="ref")
removed(
    "AWS::KinesisFirehose::DeliveryStream", "firehose", "DeleteDeliveryStream",
    DeliveryStreamName="ref",
)
removed(
    "AWS::Timestream::InfluxDBInstance", "timestream-influxdb", "DeleteDbInstance", identifier="ref"
)

# --- programs


@changes("AWS::Lambda::Function", "Code")
def function_code(resource, p):
    code = dict(p["Code"])
    if "ZipFile" in code:
        code["ZipFile"] = zipped(code["ZipFile"])
    resource.call("lambda", "UpdateFunctionCode", {"FunctionName": resource.physical, **code})


@changes(
    "AWS::Lambda::Function",
    "Description", "Environment", "Handler", "MemorySize", "Role", "Runtime", "Timeout",
)
def function_configuration(resource, p):
    body = without(p, "Code", "Tags", "Architectures", "PackageType", "ReservedConcurrentExecutions")
    resource.call("lambda", "UpdateFunctionConfiguration", body | {"FunctionName": resource.physical})


removed("AWS::Lambda::Function", "lambda", "DeleteFunction", FunctionName="ref")


def asked(resource, request, p):
    event = {
        "RequestType": request,
        "PhysicalResourceId": resource.physical,
        "ResourceProperties": without(p, "ServiceToken", "ServiceTimeout"),
        "OldResourceProperties": without(resource.properties, "ServiceToken", "ServiceTimeout"),
    }
    body = {"FunctionName": p["ServiceToken"], "Payload": json.dumps(event).encode()}
    answer = resource.call("lambda", "Invoke", body)
    if answer.get("FunctionError"):
        raise ValueError(answer["Payload"].read())


@changes("AWS::CloudFormation::CustomResource", "*")
def custom_resource(resource, p):
    asked(resource, "Update", p)


@removes("AWS::CloudFormation::CustomResource")
def remove_custom_resource(resource):
    asked(resource, "Delete", resource.properties)


@changes("AWS::Events::Rule", "Description", "EventPattern", "ScheduleExpression", "State")
def event_rule(resource, p):
    resource.call("events", "PutRule", without(p, "Targets", "Tags"))


@changes("AWS::Events::Rule", "Targets")
def event_targets(resource, p):
    new = {one["Id"] for one in p.get("Targets", [])}
    gone = [one["Id"] for one in resource.properties.get("Targets", []) if one["Id"] not in new]
    if gone:
        resource.call("events", "RemoveTargets", {"Rule": resource.physical, "Ids": gone})
    body = {"Rule": resource.physical, "Targets": p["Targets"]}
    if new and resource.call("events", "PutTargets", body)["FailedEntryCount"]:
        raise ValueError("a target is refused")


@removes("AWS::Events::Rule")
def remove_event_rule(resource):
    if resource.properties.get("Targets"):
        event_targets(resource, {})
    resource.call("events", "DeleteRule", {"Name": resource.physical})


removed("AWS::Scheduler::Schedule", "scheduler", "DeleteSchedule", Name="ref")
again(
    "AWS::Scheduler::Schedule", "scheduler", "UpdateSchedule",
    "Description", "FlexibleTimeWindow", "ScheduleExpression", "ScheduleExpressionTimezone",
    "State", "Target",
)
removed(
    "AWS::StepFunctions::StateMachine", "stepfunctions", "DeleteStateMachine", stateMachineArn="ref"
)

# --- the warehouse


@changes("AWS::Redshift::ClusterParameterGroup", "Parameters")
def warehouse_parameters(resource, p):
    name = {"ParameterGroupName": resource.physical}
    resource.call("redshift", "ResetClusterParameterGroup", {**name, "ResetAllParameters": True})
    body = {**name, "Parameters": p["Parameters"]}
    resource.call("redshift", "ModifyClusterParameterGroup", body)


again(
    "AWS::Redshift::UsageLimit", "redshift", "ModifyUsageLimit", "Amount", "BreachAction",
    leave=("ClusterIdentifier", "FeatureType", "LimitType", "Period"), UsageLimitId="ref",
)
removed("AWS::Redshift::UsageLimit", "redshift", "DeleteUsageLimit", UsageLimitId="ref")
again(
    "AWS::Redshift::ScheduledAction", "redshift", "ModifyScheduledAction",
    "Enable", "Schedule", "ScheduledActionDescription", "TargetAction", "IamRole",
)
removed(
    "AWS::Redshift::ScheduledAction", "redshift", "DeleteScheduledAction", ScheduledActionName="ref"
)
