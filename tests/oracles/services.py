"""Operations that moto lacks, as far as our stacks call them. Each is stateful and small."""

import json
import re
import string
import time
from typing import Any

from emulator import ACCOUNT, ApiError, need, rid, serve, store


# --- Step Functions: a definition is validated by the service before it is planned


@serve("stepfunctions", "ValidateStateMachineDefinition")
def validate_state_machine_definition(call, p):
    definition = json.loads(p["definition"])
    missing = [name for name in [definition["StartAt"]] if name not in definition["States"]]
    problems = [{"severity": "ERROR", "code": "MISSING_STATE", "message": name} for name in missing]
    return {"result": "FAIL" if problems else "OK", "diagnostics": problems, "truncated": False}


@serve("stepfunctions", "ListStateMachineVersions")
def list_state_machine_versions(call, p):
    return {"stateMachineVersions": []}


# --- Lambda: moto runs functions in containers; what ours do is tested where they are


@serve("lambda", "Invoke")
def invoke(call, p):
    return {"StatusCode": 200, "Payload": "{}"}


# --- Flink


def _app(p):
    return need(store("kda"), p["ApplicationName"], status=400)


def _app_config(config: dict[str, Any]) -> dict[str, Any]:
    """CreateApplication's configuration as DescribeApplication returns it."""
    out: dict[str, Any] = {}
    code = config.get("ApplicationCodeConfiguration")
    if code:
        content = code.get("CodeContent") or {}
        described: dict[str, Any] = {}
        if "S3ContentLocation" in content:
            described["S3ApplicationCodeLocationDescription"] = content["S3ContentLocation"]
        if "TextContent" in content:
            described["TextContent"] = content["TextContent"]
        out["ApplicationCodeConfigurationDescription"] = {
            "CodeContentType": code["CodeContentType"], "CodeContentDescription": described}
    for name in ("ApplicationSnapshotConfiguration", "ApplicationSystemRollbackConfiguration",
                 "ApplicationEncryptionConfiguration"):
        if name in config:
            out[f"{name}Description"] = config[name]
    if "EnvironmentProperties" in config:
        out["EnvironmentPropertyDescriptions"] = {
            "PropertyGroupDescriptions": config["EnvironmentProperties"]["PropertyGroups"]}
    flink = config.get("FlinkApplicationConfiguration") or {}
    check = {"ConfigurationType": "DEFAULT", "CheckpointingEnabled": True, "CheckpointInterval": 60000,
             "MinPauseBetweenCheckpoints": 5000, **(flink.get("CheckpointConfiguration") or {})}
    monitor = {"ConfigurationType": "DEFAULT", "MetricsLevel": "APPLICATION", "LogLevel": "INFO",
               **(flink.get("MonitoringConfiguration") or {})}
    par = {"ConfigurationType": "DEFAULT", "Parallelism": 1, "ParallelismPerKPU": 1, "AutoScalingEnabled": True,
           **(flink.get("ParallelismConfiguration") or {})}
    par["CurrentParallelism"] = par["Parallelism"]
    out["FlinkApplicationConfigurationDescription"] = {
        "CheckpointConfigurationDescription": check, "MonitoringConfigurationDescription": monitor,
        "ParallelismConfigurationDescription": par}
    vpcs = config.get("VpcConfigurations") or []
    if vpcs:
        out["VpcConfigurationDescriptions"] = [
            {"VpcConfigurationId": f"{i + 1}.1", "VpcId": "vpc-00000000", **v} for i, v in enumerate(vpcs)]
    return out


@serve("kinesisanalyticsv2", "CreateApplication")
def kinesisanalyticsv2_create_application(call, p):
    name = p["ApplicationName"]
    if name in store("kda"):
        raise ApiError("ResourceInUseException", f"Application {name} already exists")
    logging = [{"CloudWatchLoggingOptionId": f"{i + 1}.1", **o}
               for i, o in enumerate(p.get("CloudWatchLoggingOptions") or [])]
    store("kda")[name] = {
        "ApplicationARN": f"arn:aws:kinesisanalytics:{call.region}:{ACCOUNT}:application/{name}",
        "ApplicationName": name, "ApplicationDescription": p.get("ApplicationDescription", ""),
        "RuntimeEnvironment": p["RuntimeEnvironment"], "ServiceExecutionRole": p["ServiceExecutionRole"],
        "ApplicationStatus": "READY", "ApplicationVersionId": 1, "CreateTimestamp": time.time(),
        "LastUpdateTimestamp": time.time(), "ApplicationMode": p.get("ApplicationMode", "STREAMING"),
        "ApplicationConfigurationDescription": _app_config(p.get("ApplicationConfiguration") or {}),
        "CloudWatchLoggingOptionDescriptions": logging,
    }
    store("kda-tags")[name] = {t["Key"]: t.get("Value", "") for t in p.get("Tags") or []}
    return {"ApplicationDetail": store("kda")[name]}


@serve("kinesisanalyticsv2", "DescribeApplication")
def kinesisanalyticsv2_describe_application(call, p):
    return {"ApplicationDetail": _app(p)}


@serve("kinesisanalyticsv2", "ListApplications")
def kinesisanalyticsv2_list_applications(call, p):
    keys = ("ApplicationName", "ApplicationARN", "ApplicationStatus", "ApplicationVersionId", "RuntimeEnvironment")
    return {"ApplicationSummaries": [{k: a[k] for k in keys} for a in store("kda").values()]}


@serve("kinesisanalyticsv2", "AddApplicationCloudWatchLoggingOption")
def kinesisanalyticsv2_add_application_cloud_watch_logging_option(call, p):
    app = _app(p)
    app["ApplicationVersionId"] += 1
    options = app["CloudWatchLoggingOptionDescriptions"]
    options.append({"CloudWatchLoggingOptionId": f"{len(options) + 1}.1", **p["CloudWatchLoggingOption"]})
    return {"ApplicationARN": app["ApplicationARN"], "ApplicationVersionId": app["ApplicationVersionId"],
            "CloudWatchLoggingOptionDescriptions": options}


@serve("kinesisanalyticsv2", "UpdateApplication")
def kinesisanalyticsv2_update_application(call, p):
    app = _app(p)
    app["ApplicationVersionId"] += 1
    if "ServiceExecutionRoleUpdate" in p:
        app["ServiceExecutionRole"] = p["ServiceExecutionRoleUpdate"]
    change = p.get("ApplicationConfigurationUpdate") or {}
    config = app["ApplicationConfigurationDescription"]
    flink = change.get("FlinkApplicationConfigurationUpdate") or {}
    for part in ("Checkpoint", "Monitoring", "Parallelism"):
        update = flink.get(f"{part}ConfigurationUpdate") or {}
        target = config["FlinkApplicationConfigurationDescription"][f"{part}ConfigurationDescription"]
        target.update({k[: -len("Update")]: v for k, v in update.items()})
    if "EnvironmentPropertyUpdates" in change:
        config["EnvironmentPropertyDescriptions"] = {
            "PropertyGroupDescriptions": change["EnvironmentPropertyUpdates"]["PropertyGroups"]}
    return {"ApplicationDetail": app}


@serve("kinesisanalyticsv2", "StartApplication")
def kinesisanalyticsv2_start_application(call, p):
    _app(p)["ApplicationStatus"] = "RUNNING"
    return {}


@serve("kinesisanalyticsv2", "StopApplication")
def kinesisanalyticsv2_stop_application(call, p):
    _app(p)["ApplicationStatus"] = "READY"
    return {}


@serve("kinesisanalyticsv2", "DeleteApplication")
def kinesisanalyticsv2_delete_application(call, p):
    del store("kda")[_app(p)["ApplicationName"]]
    return {}


@serve("kinesisanalyticsv2", "ListTagsForResource")
def kinesisanalyticsv2_list_tags_for_resource(call, p):
    tags = store("kda-tags").get(p["ResourceARN"].rsplit("/", 1)[-1], {})
    return {"Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}


# --- Timestream for InfluxDB
def _influx(p):
    return need(store("influx"), p["identifier"])


@serve("timestream-influxdb", "CreateDbInstance")
def timestream_influxdb_create_db_instance(call, p):
    if any(i["name"] == p["name"] for i in store("influx").values()):
        raise ApiError("ConflictException", f"{p['name']} already exists", 409)
    ident = rid(10)
    item = {
        "id": ident, "name": p["name"], "status": "AVAILABLE",
        "arn": f"arn:aws:timestream-influxdb:{call.region}:{ACCOUNT}:db-instance/{ident}",
        "endpoint": f"{ident}.timestream-influxdb.{call.region}.on.aws", "port": p.get("port", 8086),
        "networkType": p.get("networkType", "IPV4"), "dbInstanceType": p["dbInstanceType"],
        "dbStorageType": p.get("dbStorageType", "InfluxIOIncludedT1"), "allocatedStorage": p["allocatedStorage"],
        "deploymentType": p.get("deploymentType", "SINGLE_AZ"), "vpcSubnetIds": p["vpcSubnetIds"],
        "publiclyAccessible": p.get("publiclyAccessible", False), "vpcSecurityGroupIds": p["vpcSecurityGroupIds"],
        "dbParameterGroupIdentifier": p.get("dbParameterGroupIdentifier"), "availabilityZone": f"{call.region}a",
        "logDeliveryConfiguration": p.get("logDeliveryConfiguration"),
        "influxAuthParametersSecretArn":
            f"arn:aws:secretsmanager:{call.region}:{ACCOUNT}:secret:READONLY-InfluxDB-auth-parameters-{ident}-AbCdEf",
    }
    store("influx")[ident] = {k: v for k, v in item.items() if v is not None}
    store("influx-tags")[item["arn"]] = dict(p.get("tags") or {})
    return store("influx")[ident]


@serve("timestream-influxdb", "GetDbInstance")
def timestream_influxdb_get_db_instance(call, p):
    return _influx(p)


@serve("timestream-influxdb", "ListDbInstances")
def timestream_influxdb_list_db_instances(call, p):
    return {"items": list(store("influx").values())}


@serve("timestream-influxdb", "UpdateDbInstance")
def timestream_influxdb_update_db_instance(call, p):
    item = _influx(p)
    item.update({k: v for k, v in p.items() if k != "identifier"})
    return item


@serve("timestream-influxdb", "DeleteDbInstance")
def timestream_influxdb_delete_db_instance(call, p):
    item = _influx(p)
    del store("influx")[item["id"]]
    return {**item, "status": "DELETING"}


@serve("timestream-influxdb", "ListTagsForResource")
def timestream_influxdb_list_tags_for_resource(call, p):
    return {"tags": store("influx-tags").get(p["resourceArn"], {})}


@serve("timestream-influxdb", "TagResource")
def timestream_influxdb_tag_resource(call, p):
    store("influx-tags").setdefault(p["resourceArn"], {}).update(p["tags"])
    return {}


# --- Redshift (what moto lacks)
@serve("redshift", "ModifyClusterParameterGroup")
def redshift_modify_cluster_parameter_group(call, p):
    table = store("redshift-parameters").setdefault(p["ParameterGroupName"], {})
    for item in p["Parameters"]:
        table[item["ParameterName"]] = item["ParameterValue"]
    return {"ParameterGroupName": p["ParameterGroupName"], "ParameterGroupStatus": "updated"}


@serve("redshift", "ResetClusterParameterGroup")
def redshift_reset_cluster_parameter_group(call, p):
    store("redshift-parameters").pop(p["ParameterGroupName"], None)
    return {"ParameterGroupName": p["ParameterGroupName"], "ParameterGroupStatus": "updated"}


@serve("redshift", "DescribeClusterParameters")
def redshift_describe_cluster_parameters(call, p):
    table = store("redshift-parameters").get(p["ParameterGroupName"], {})
    return {"Parameters": [{"ParameterName": k, "ParameterValue": v, "Source": "user", "ApplyType": "static",
                            "IsModifiable": True} for k, v in table.items()]}


@serve("redshift", "CreateUsageLimit")
def redshift_create_usage_limit(call, p):
    ident = f"{rid(8, '0123456789abcdef')}-0000-0000-0000-000000000000"
    item = {"UsageLimitId": ident, "Period": "monthly", "BreachAction": "log", **p}
    store("redshift-limits")[ident] = item
    return item


@serve("redshift", "DescribeUsageLimits")
def redshift_describe_usage_limits(call, p):
    items = list(store("redshift-limits").values())
    if p.get("UsageLimitId"):
        items = [i for i in items if i["UsageLimitId"] == p["UsageLimitId"]]
    if p.get("ClusterIdentifier"):
        items = [i for i in items if i["ClusterIdentifier"] == p["ClusterIdentifier"]]
    return {"UsageLimits": items}


@serve("redshift", "ModifyUsageLimit")
def redshift_modify_usage_limit(call, p):
    item = need(store("redshift-limits"), p["UsageLimitId"], "UsageLimitNotFoundFault", 404)
    item.update(p)
    return item


@serve("redshift", "DeleteUsageLimit")
def redshift_delete_usage_limit(call, p):
    need(store("redshift-limits"), p["UsageLimitId"], "UsageLimitNotFoundFault", 404)
    del store("redshift-limits")[p["UsageLimitId"]]
    return {}


def _action(p):
    return {**p, "State": "ACTIVE" if p.get("Enable", True) else "DISABLED"}


@serve("redshift", "CreateScheduledAction")
def redshift_create_scheduled_action(call, p):
    if not re.match(r"^(cron\([^ ]+( [^ ]+){5}\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\))$", p["Schedule"]):
        raise ApiError("InvalidSchedule", f"The schedule {p['Schedule']} is not valid")
    store("redshift-actions")[p["ScheduledActionName"]] = _action(p)
    return _action(p)


@serve("redshift", "ModifyScheduledAction")
def redshift_modify_scheduled_action(call, p):
    item = need(store("redshift-actions"), p["ScheduledActionName"], "ScheduledActionNotFound", 400)
    item.update(_action(p))
    return item


@serve("redshift", "DescribeScheduledActions")
def redshift_describe_scheduled_actions(call, p):
    items = list(store("redshift-actions").values())
    if p.get("ScheduledActionName"):
        items = [i for i in items if i["ScheduledActionName"] == p["ScheduledActionName"]]
        if not items:
            raise ApiError("ScheduledActionNotFound", "The scheduled action cannot be found.")
    return {"ScheduledActions": items}


@serve("redshift", "DeleteScheduledAction")
def redshift_delete_scheduled_action(call, p):
    need(store("redshift-actions"), p["ScheduledActionName"], "ScheduledActionNotFound", 400)
    del store("redshift-actions")[p["ScheduledActionName"]]
    return {}


CLUSTER_NODES = {"ra3.large": (1, 16), "ra3.xlplus": (1, 32), "ra3.4xlarge": (2, 32), "ra3.16xlarge": (2, 128),
                 "dc2.large": (1, 32), "dc2.8xlarge": (2, 128)}


@serve("redshift", "CreateCluster")
def redshift_create_cluster(call, p):
    name = p["ClusterIdentifier"]
    if name in store("redshift"):
        raise ApiError("ClusterAlreadyExists", f"Cluster {name} already exists")
    if p["NodeType"] not in CLUSTER_NODES:
        raise ApiError("InvalidParameterValue", f"Invalid node type: {p['NodeType']}")
    nodes = int(p.get("NumberOfNodes") or 1)
    if p.get("ClusterType", "multi-node") == "multi-node" and nodes < 2:
        raise ApiError("InvalidParameterCombination", "Number of nodes for cluster type multi-node must be at least 2")
    if not (CLUSTER_NODES[p["NodeType"]][0] <= nodes <= CLUSTER_NODES[p["NodeType"]][1]):
        raise ApiError("InvalidParameterValue", f"{p['NodeType']} cannot have {nodes} nodes")
    if p.get("ManageMasterPassword") and p.get("MasterUserPassword"):
        raise ApiError("InvalidParameterCombination", "Specify either ManageMasterPassword or MasterUserPassword")
    if not p.get("ManageMasterPassword") and not p.get("MasterUserPassword"):
        raise ApiError("InvalidParameterCombination", "MasterUserPassword or ManageMasterPassword is required")
    ident = rid(12)
    item = {
        "ClusterIdentifier": name, "NodeType": p["NodeType"], "ClusterStatus": "available",
        "ClusterAvailabilityStatus": "Available", "MasterUsername": p["MasterUsername"],
        "DBName": p.get("DBName", "dev"), "NumberOfNodes": nodes,
        "Endpoint": {"Address": f"{name}.{ident}.{call.region}.redshift.amazonaws.com", "Port": p.get("Port", 5439)},
        "ClusterCreateTime": "2026-01-01T00:00:00Z",
        "AutomatedSnapshotRetentionPeriod": p.get("AutomatedSnapshotRetentionPeriod", 1),
        "ManualSnapshotRetentionPeriod": p.get("ManualSnapshotRetentionPeriod", -1),
        "VpcSecurityGroups": [{"VpcSecurityGroupId": i, "Status": "active"} for i in p.get("VpcSecurityGroupIds", [])],
        "ClusterParameterGroups": [{"ParameterGroupName": p.get("ClusterParameterGroupName", "default.redshift-2.0"),
                                    "ParameterApplyStatus": "in-sync"}],
        "ClusterSubnetGroupName": p.get("ClusterSubnetGroupName"), "AvailabilityZone": f"{call.region}a",
        "PreferredMaintenanceWindow": p.get("PreferredMaintenanceWindow", "sun:03:00-sun:03:30"),
        "ClusterVersion": p.get("ClusterVersion", "1.0"), "AllowVersionUpgrade": p.get("AllowVersionUpgrade", True),
        "PubliclyAccessible": p.get("PubliclyAccessible", False), "Encrypted": p.get("Encrypted", True),
        "KmsKeyId": p.get("KmsKeyId"), "EnhancedVpcRouting": p.get("EnhancedVpcRouting", False),
        "IamRoles": [{"IamRoleArn": i, "ApplyStatus": "in-sync"} for i in p.get("IamRoles", [])],
        "DefaultIamRoleArn": p.get("DefaultIamRoleArn"),
        "MaintenanceTrackName": p.get("MaintenanceTrackName", "current"),
        "AvailabilityZoneRelocationStatus": "enabled" if p.get("AvailabilityZoneRelocation") else "disabled",
        "ClusterNamespaceArn": f"arn:aws:redshift:{call.region}:{ACCOUNT}:namespace:{ident}",
        "MultiAZ": "Enabled" if p.get("MultiAZ") else "Disabled",
        "AquaConfiguration": {"AquaStatus": "disabled", "AquaConfigurationStatus": "auto"},
        "ClusterNodes": [{"NodeRole": "SHARED"}] if nodes == 1 else
        [{"NodeRole": "LEADER"}] + [{"NodeRole": f"COMPUTE-{i}"} for i in range(nodes)], "ClusterSecurityGroups": [], "Tags": p.get("Tags", []),
    }
    if p.get("KmsKeyId") and not p["KmsKeyId"].startswith("arn:"):
        item["KmsKeyId"] = f"arn:aws:kms:{call.region}:{ACCOUNT}:key/{p['KmsKeyId']}"
    if p.get("ManageMasterPassword"):
        item["MasterPasswordSecretArn"] = (
            f"arn:aws:secretsmanager:{call.region}:{ACCOUNT}:secret:redshift!{name}-{p['MasterUsername']}-AbCdEf")
        item["MasterPasswordSecretKmsKeyId"] = p.get("MasterPasswordSecretKmsKeyId")
    store("redshift")[name] = {k: v for k, v in item.items() if v is not None}
    return {"Cluster": store("redshift")[name]}


def _cluster(p):
    return need(store("redshift"), p["ClusterIdentifier"], "ClusterNotFound", 404)


@serve("redshift", "DescribeClusters")
def redshift_describe_clusters(call, p):
    if p.get("ClusterIdentifier"):
        return {"Clusters": [_cluster(p)]}
    return {"Clusters": list(store("redshift").values())}


@serve("redshift", "ModifyCluster")
def redshift_modify_cluster(call, p):
    item = _cluster(p)
    simple = ("NodeType", "NumberOfNodes", "AutomatedSnapshotRetentionPeriod", "ManualSnapshotRetentionPeriod",
              "PreferredMaintenanceWindow", "ClusterVersion", "AllowVersionUpgrade", "PubliclyAccessible",
              "EnhancedVpcRouting", "Encrypted", "KmsKeyId", "MaintenanceTrackName")
    item.update({k: p[k] for k in simple if p.get(k) is not None})
    if p.get("ClusterParameterGroupName"):
        item["ClusterParameterGroups"] = [{"ParameterGroupName": p["ClusterParameterGroupName"],
                                           "ParameterApplyStatus": "in-sync"}]
    if p.get("AvailabilityZoneRelocation") is not None:
        item["AvailabilityZoneRelocationStatus"] = "enabled" if p["AvailabilityZoneRelocation"] else "disabled"
    return {"Cluster": item}


@serve("redshift", "ModifyClusterIamRoles")
def redshift_modify_cluster_iam_roles(call, p):
    item = _cluster(p)
    roles = {r["IamRoleArn"] for r in item["IamRoles"]} | set(p.get("AddIamRoles", [])) - set(p.get("RemoveIamRoles", []))
    item["IamRoles"] = [{"IamRoleArn": r, "ApplyStatus": "in-sync"} for r in sorted(roles)]
    return {"Cluster": item}


@serve("redshift", "DeleteCluster")
def redshift_delete_cluster(call, p):
    item = _cluster(p)
    del store("redshift")[p["ClusterIdentifier"]]
    store("redshift-logging").pop(p["ClusterIdentifier"], None)
    return {"Cluster": {**item, "ClusterStatus": "deleting"}}


@serve("redshift", "EnableLogging")
def redshift_enable_logging(call, p):
    _cluster(p)
    status = {"LoggingEnabled": True, **{k: v for k, v in p.items() if k != "ClusterIdentifier"}}
    store("redshift-logging")[p["ClusterIdentifier"]] = status
    return status


@serve("redshift", "DisableLogging")
def redshift_disable_logging(call, p):
    store("redshift-logging").pop(p["ClusterIdentifier"], None)
    return {"LoggingEnabled": False}


@serve("redshift", "DescribeLoggingStatus")
def redshift_describe_logging_status(call, p):
    _cluster(p)
    return store("redshift-logging").get(p["ClusterIdentifier"], {"LoggingEnabled": False})


# --- EMR (moto has no fleets, and keeps little of a cluster)
def _disks(p: dict[str, Any]) -> dict[str, Any]:
    """EbsConfiguration as a description tells it: each volume by itself."""
    config = p.get("EbsConfiguration") or {}
    wanted = [d for d in config.get("EbsBlockDeviceConfigs") or [] for _ in range(d.get("VolumesPerInstance", 1))]
    disks = [{"VolumeSpecification": d["VolumeSpecification"], "Device": f"/dev/sd{chr(98 + i)}"}
             for i, d in enumerate(wanted)]
    return {"EbsOptimized": config.get("EbsOptimized", False), "EbsBlockDevices": disks}


def _group(p: dict[str, Any]) -> dict[str, Any]:
    item = {
        "Id": "ig-" + rid(13, string.ascii_uppercase + string.digits), "Name": p.get("Name", p["InstanceRole"].lower()),
        "InstanceGroupType": p["InstanceRole"], "Market": p.get("Market", "ON_DEMAND"), "BidPrice": p.get("BidPrice"),
        "InstanceType": p["InstanceType"], "RequestedInstanceCount": p["InstanceCount"],
        "RunningInstanceCount": p["InstanceCount"], "Status": {"State": "RUNNING"},
        "Configurations": p.get("Configurations"), **_disks(p),
    }
    return {k: v for k, v in item.items() if v is not None}


def _fleet(role: str, p: dict[str, Any]) -> dict[str, Any]:
    if role == "MASTER" and len(p.get("InstanceTypeConfigs") or []) < 1:
        raise ApiError("ValidationException", "A fleet needs at least one instance type")
    item = {
        "Id": "if-" + rid(13, string.ascii_uppercase + string.digits), "Name": p.get("Name", role.lower()),
        "InstanceFleetType": role, "Status": {"State": "RUNNING", "StateChangeReason": {"Message": ""}},
        "TargetOnDemandCapacity": p.get("TargetOnDemandCapacity", 0),
        "TargetSpotCapacity": p.get("TargetSpotCapacity", 0),
        "ProvisionedOnDemandCapacity": p.get("TargetOnDemandCapacity", 0),
        "ProvisionedSpotCapacity": p.get("TargetSpotCapacity", 0),
        "InstanceTypeSpecifications": [], "LaunchSpecifications": p.get("LaunchSpecifications"),
        "ResizeSpecifications": p.get("ResizeSpecifications"),
    }
    for config in p.get("InstanceTypeConfigs") or []:
        spec = {k: config[k] for k in ("InstanceType", "BidPrice", "BidPriceAsPercentageOfOnDemandPrice",
                                       "Configurations", "CustomAmiId", "Priority") if k in config}
        spec["WeightedCapacity"] = config.get("WeightedCapacity", 1)
        if "BidPrice" not in spec and "BidPriceAsPercentageOfOnDemandPrice" not in spec:
            spec["BidPriceAsPercentageOfOnDemandPrice"] = 100.0
        spec |= _disks(config)
        item["InstanceTypeSpecifications"].append(spec)
    return {k: v for k, v in item.items() if v is not None}


@serve("emr", "CreateSecurityConfiguration")
def emr_create_security_configuration(call, p):
    try:
        json.loads(p["SecurityConfiguration"])
    except ValueError as error:
        raise ApiError("InvalidRequestException", f"SecurityConfiguration is not JSON: {error}") from error
    store("emr-security")[p["Name"]] = {**p, "CreationDateTime": time.time()}
    return {"Name": p["Name"], "CreationDateTime": time.time()}


@serve("emr", "DescribeSecurityConfiguration")
def emr_describe_security_configuration(call, p):
    return need(store("emr-security"), p["Name"], "InvalidRequestException", 400)


@serve("emr", "DeleteSecurityConfiguration")
def emr_delete_security_configuration(call, p):
    need(store("emr-security"), p["Name"], "InvalidRequestException", 400)
    del store("emr-security")[p["Name"]]
    return {}


@serve("emr", "RunJobFlow")
def emr_run_job_flow(call, p):
    ident = "j-" + rid(13, string.ascii_uppercase + string.digits)
    inst = p["Instances"]
    fleets = [_fleet(f["InstanceFleetType"], f) for f in inst.get("InstanceFleets") or []]
    roles = [f["InstanceFleetType"] for f in fleets]
    if fleets and inst.get("InstanceGroups"):
        raise ApiError("ValidationException", "Use instance fleets or instance groups, not both")
    if roles.count("TASK") > 1 or (fleets and (roles.count("MASTER") != 1 or roles.count("CORE") > 1)):
        raise ApiError("ValidationException", f"Invalid combination of instance fleets: {roles}")
    for f in fleets:
        if f["InstanceFleetType"] == "MASTER" and f["TargetOnDemandCapacity"] + f["TargetSpotCapacity"] not in (1, 3):
            raise ApiError("ValidationException", "The master fleet must have a capacity of 1 or 3")
    if p.get("SecurityConfiguration"):
        need(store("emr-security"), p["SecurityConfiguration"], "InvalidRequestException", 400)
    subnets = inst.get("Ec2SubnetIds") or ([inst["Ec2SubnetId"]] if inst.get("Ec2SubnetId") else [])
    cluster = {
        "Id": ident, "Name": p["Name"], "Status": {"State": "WAITING", "StateChangeReason": {},
                                                  "Timeline": {"CreationDateTime": time.time(),
                                                               "ReadyDateTime": time.time()}},
        "Ec2InstanceAttributes": {
            "Ec2SubnetId": subnets[0] if subnets else None, "RequestedEc2SubnetIds": subnets,
            "IamInstanceProfile": p.get("JobFlowRole"), "Ec2KeyName": inst.get("Ec2KeyName"),
            "Ec2AvailabilityZone": f"{call.region}a", "RequestedEc2AvailabilityZones": [],
            "EmrManagedMasterSecurityGroup": inst.get("EmrManagedMasterSecurityGroup"),
            "EmrManagedSlaveSecurityGroup": inst.get("EmrManagedSlaveSecurityGroup"),
            "ServiceAccessSecurityGroup": inst.get("ServiceAccessSecurityGroup"),
            "AdditionalMasterSecurityGroups": inst.get("AdditionalMasterSecurityGroups") or [],
            "AdditionalSlaveSecurityGroups": inst.get("AdditionalSlaveSecurityGroups") or [],
        },
        "InstanceCollectionType": "INSTANCE_FLEET" if fleets else "INSTANCE_GROUP",
        "LogUri": (p.get("LogUri") or "").replace("s3://", "s3n://") or None,
        "LogEncryptionKmsKeyId": p.get("LogEncryptionKmsKeyId"), "ReleaseLabel": p.get("ReleaseLabel"),
        "AutoTerminate": not inst.get("KeepJobFlowAliveWhenNoSteps", False),
        "TerminationProtected": inst.get("TerminationProtected", False),
        "UnhealthyNodeReplacement": inst.get("UnhealthyNodeReplacement", False),
        "VisibleToAllUsers": p.get("VisibleToAllUsers", True),
        "Applications": [{"Name": a["Name"], "Version": "1"} for a in p.get("Applications") or []],
        "Tags": p.get("Tags") or [], "ServiceRole": p["ServiceRole"], "NormalizedInstanceHours": 0,
        "MasterPublicDnsName": "ip-10-0-0-10.ec2.internal", "Configurations": p.get("Configurations") or [],
        "SecurityConfiguration": p.get("SecurityConfiguration"), "AutoScalingRole": p.get("AutoScalingRole"),
        "ScaleDownBehavior": p.get("ScaleDownBehavior", "TERMINATE_AT_TASK_COMPLETION"),
        "CustomAmiId": p.get("CustomAmiId"), "EbsRootVolumeSize": p.get("EbsRootVolumeSize"),
        "KerberosAttributes": p.get("KerberosAttributes"), "OSReleaseLabel": p.get("OSReleaseLabel", "2023.1"),
        "ClusterArn": f"arn:aws:elasticmapreduce:{call.region}:{ACCOUNT}:cluster/{ident}",
        "StepConcurrencyLevel": p.get("StepConcurrencyLevel", 1), "PlacementGroups": p.get("PlacementGroupConfigs"),
    }
    cluster["Ec2InstanceAttributes"] = {k: v for k, v in cluster["Ec2InstanceAttributes"].items() if v is not None}
    store("emr")[ident] = {k: v for k, v in cluster.items() if v is not None}
    store("emr-fleets")[ident] = fleets
    store("emr-groups")[ident] = [_group(g) for g in inst.get("InstanceGroups") or []]
    store("emr-steps")[ident] = []
    _add_steps(ident, p.get("Steps") or [])
    store("emr-bootstrap")[ident] = p.get("BootstrapActions") or []
    if p.get("ManagedScalingPolicy"):
        store("emr-scaling")[ident] = p["ManagedScalingPolicy"]
    if p.get("AutoTerminationPolicy"):
        store("emr-termination")[ident] = p["AutoTerminationPolicy"]
    return {"JobFlowId": ident, "ClusterArn": cluster["ClusterArn"]}


def _add_steps(ident: str, steps: list[dict[str, Any]]) -> list[str]:
    out = []
    for s in steps:
        jar = s["HadoopJarStep"]
        item = {"Id": "s-" + rid(13, string.ascii_uppercase + string.digits), "Name": s["Name"],
                "ActionOnFailure": s.get("ActionOnFailure", "CONTINUE"),
                "Config": {"Jar": jar["Jar"], "Args": jar.get("Args") or [], "MainClass": jar.get("MainClass"),
                           "Properties": {x["Key"]: x["Value"] for x in jar.get("Properties") or []}},
                "Status": {"State": "COMPLETED", "Timeline": {"CreationDateTime": time.time()}}}
        if item["Config"]["MainClass"] is None:
            del item["Config"]["MainClass"]
        store("emr-steps")[ident].append(item)
        out.append(item["Id"])
    return out


def _emr(ident: str):
    return need(store("emr"), ident, "InvalidRequestException", 400)


@serve("emr", "DescribeCluster")
def emr_describe_cluster(call, p):
    return {"Cluster": _emr(p["ClusterId"])}


@serve("emr", "ListClusters")
def emr_list_clusters(call, p):
    return {"Clusters": [{k: c[k] for k in ("Id", "Name", "Status", "ClusterArn")} for c in store("emr").values()]}


@serve("emr", "ListSteps")
def emr_list_steps(call, p):
    return {"Steps": list(reversed(store("emr-steps").get(p["ClusterId"], [])))}


@serve("emr", "DescribeStep")
def emr_describe_step(call, p):
    for step in store("emr-steps").get(p["ClusterId"], []):
        if step["Id"] == p["StepId"]:
            return {"Step": step}
    raise ApiError("InvalidRequestException", f"Step id '{p['StepId']}' is not valid.")


@serve("emr", "AddJobFlowSteps")
def emr_add_job_flow_steps(call, p):
    _emr(p["JobFlowId"])
    return {"StepIds": _add_steps(p["JobFlowId"], p["Steps"])}


@serve("emr", "ListBootstrapActions")
def emr_list_bootstrap_actions(call, p):
    return {"BootstrapActions": [
        {"Name": b["Name"], "ScriptPath": b["ScriptBootstrapAction"]["Path"],
         "Args": b["ScriptBootstrapAction"].get("Args") or []} for b in store("emr-bootstrap").get(p["ClusterId"], [])]}


@serve("emr", "ListInstanceFleets")
def emr_list_instance_fleets(call, p):
    _emr(p["ClusterId"])
    return {"InstanceFleets": store("emr-fleets")[p["ClusterId"]]}


@serve("emr", "ListInstanceGroups")
def emr_list_instance_groups(call, p):
    return {"InstanceGroups": store("emr-groups").get(p["ClusterId"], [])}


@serve("emr", "ListInstances")
def emr_list_instances(call, p):
    return {"Instances": []}


@serve("emr", "AddInstanceFleet")
def emr_add_instance_fleet(call, p):
    cluster = _emr(p["ClusterId"])
    fleet = _fleet(p["InstanceFleet"]["InstanceFleetType"], p["InstanceFleet"])
    if any(f["InstanceFleetType"] == fleet["InstanceFleetType"] and f["Status"]["State"] != "TERMINATED"
           for f in store("emr-fleets")[p["ClusterId"]]):
        raise ApiError("InvalidRequestException", f"The cluster already has a {fleet['InstanceFleetType']} fleet")
    store("emr-fleets")[p["ClusterId"]].append(fleet)
    return {"ClusterId": p["ClusterId"], "InstanceFleetId": fleet["Id"], "ClusterArn": cluster["ClusterArn"]}


@serve("emr", "ModifyInstanceFleet")
def emr_modify_instance_fleet(call, p):
    change = p["InstanceFleet"]
    for fleet in store("emr-fleets").get(p["ClusterId"], []):
        if fleet["Id"] == change["InstanceFleetId"]:
            for kind in ("OnDemand", "Spot"):
                value = change.get(f"Target{kind}Capacity")
                if value is not None:
                    fleet[f"Target{kind}Capacity"] = fleet[f"Provisioned{kind}Capacity"] = value
            return {}
    raise ApiError("InvalidRequestException", "no such fleet")


@serve("emr", "PutManagedScalingPolicy")
def emr_put_managed_scaling_policy(call, p):
    _emr(p["ClusterId"])
    limits = p["ManagedScalingPolicy"]["ComputeLimits"]
    if limits["MinimumCapacityUnits"] > limits["MaximumCapacityUnits"]:
        raise ApiError("ValidationException", "MinimumCapacityUnits is above MaximumCapacityUnits")
    for name in ("MaximumCoreCapacityUnits", "MaximumOnDemandCapacityUnits"):
        if limits.get(name) is not None and limits[name] > limits["MaximumCapacityUnits"]:
            raise ApiError("ValidationException", f"{name} is above MaximumCapacityUnits")
    store("emr-scaling")[p["ClusterId"]] = p["ManagedScalingPolicy"]
    return {}


@serve("emr", "GetManagedScalingPolicy")
def emr_get_managed_scaling_policy(call, p):
    _emr(p["ClusterId"])
    policy = store("emr-scaling").get(p["ClusterId"])
    return {"ManagedScalingPolicy": policy} if policy else {}


@serve("emr", "RemoveManagedScalingPolicy")
def emr_remove_managed_scaling_policy(call, p):
    store("emr-scaling").pop(p["ClusterId"], None)
    return {}


@serve("emr", "PutAutoTerminationPolicy")
def emr_put_auto_termination_policy(call, p):
    _emr(p["ClusterId"])
    store("emr-termination")[p["ClusterId"]] = p["AutoTerminationPolicy"]
    return {}


@serve("emr", "GetAutoTerminationPolicy")
def emr_get_auto_termination_policy(call, p):
    _emr(p["ClusterId"])
    policy = store("emr-termination").get(p["ClusterId"])
    return {"AutoTerminationPolicy": policy} if policy else {}


@serve("emr", "RemoveAutoTerminationPolicy")
def emr_remove_auto_termination_policy(call, p):
    store("emr-termination").pop(p["ClusterId"], None)
    return {}


@serve("emr", "TerminateJobFlows")
def emr_terminate_job_flows(call, p):
    for ident in p["JobFlowIds"]:
        cluster = _emr(ident)
        if cluster["TerminationProtected"]:
            raise ApiError("ValidationException", "Cluster is termination protected")
        cluster["Status"]["State"] = "TERMINATED"
        for fleet in store("emr-fleets")[ident]:
            fleet["Status"]["State"] = "TERMINATED"
            fleet["ProvisionedOnDemandCapacity"] = fleet["ProvisionedSpotCapacity"] = 0
    return {}


@serve("emr", "SetTerminationProtection")
def emr_set_termination_protection(call, p):
    for ident in p["JobFlowIds"]:
        _emr(ident)["TerminationProtected"] = p["TerminationProtected"]
    return {}


@serve("emr", "SetUnhealthyNodeReplacement")
def emr_set_unhealthy_node_replacement(call, p):
    for ident in p["JobFlowIds"]:
        _emr(ident)["UnhealthyNodeReplacement"] = p["UnhealthyNodeReplacement"]
    return {}


@serve("emr", "SetVisibleToAllUsers")
def emr_set_visible_to_all_users(call, p):
    for ident in p["JobFlowIds"]:
        _emr(ident)["VisibleToAllUsers"] = p["VisibleToAllUsers"]
    return {}


@serve("emr", "SetKeepJobFlowAliveWhenNoSteps")
def emr_set_keep_job_flow_alive_when_no_steps(call, p):
    for ident in p["JobFlowIds"]:
        _emr(ident)["AutoTerminate"] = not p["KeepJobFlowAliveWhenNoSteps"]
    return {}


@serve("emr", "ModifyCluster")
def emr_modify_cluster(call, p):
    _emr(p["ClusterId"])["StepConcurrencyLevel"] = p["StepConcurrencyLevel"]
    return {"StepConcurrencyLevel": p["StepConcurrencyLevel"]}


@serve("emr", "AddTags")
def emr_add_tags(call, p):
    cluster = _emr(p["ResourceId"])
    tags = {t["Key"]: t.get("Value", "") for t in cluster["Tags"] + p["Tags"]}
    cluster["Tags"] = [{"Key": k, "Value": v} for k, v in tags.items()]
    return {}


@serve("emr", "RemoveTags")
def emr_remove_tags(call, p):
    cluster = _emr(p["ResourceId"])
    cluster["Tags"] = [t for t in cluster["Tags"] if t["Key"] not in p["TagKeys"]]
    return {}
