//! Ways to get a catalog's file wrong, one of each sort.

const STREAM: &str = "catalog/kinds/kinesis-stream.yaml";
const TOPIC: &str = "catalog/kinds/alert-topic.yaml";
const BUCKET: &str = "catalog/kinds/data-bucket.yaml";
const ARCHIVE: &str = "catalog/kinds/firehose-archive.yaml";
const KEY: &str = "catalog/kinds/encryption-key.yaml";
const CAPABILITIES: &str = "catalog/capabilities.yaml";
const LOOKUPS: &str = "catalog/lookups.yaml";
const STREAM_YAML: &str = "templates/cloudformation/kinesis-stream.yaml.hbs";
const BUCKET_YAML: &str = "templates/cloudformation/data-bucket.yaml.hbs";
const STREAM_TF: &str = "templates/terraform/kinesis-stream.tf.hbs";

/// A file, what stands in it, what stands there instead, and what the finding says.
pub type Mistake = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
pub const MISTAKES: &[Mistake] = &[
    // The text.
    (STREAM, "summary: An ordered", "summary: [An ordered", ""),
    (STREAM, "offers: [record-stream, shared-data]", "offers: [record-stream]\noffers: []", "twice"),
    (STREAM, "optional: true", "optional: !Ref true", "tag"),
    (STREAM, "kind: kinesis-stream", "kind: kinesis-streams", "says that it is"),
    // Keys and what they hold.
    (STREAM, "summary: An ordered", "sumary: An ordered", "sumary"),
    (STREAM, "type: integer", "type: intger", "intger"),
    (STREAM, "minimum: 24", "minimun: 24", "minimun"),
    (STREAM, "maximum: 8760", "maximum: many", ""),
    (STREAM, "optional: true", "optional: perhaps", ""),
    (STREAM, "since: {terraform: 6.20.0}", "since: {terraform: newest}", "version"),
    (STREAM, "reference: key", "reference: keys", "keys"),
    (TOPIC, r"'^https://\S+$'", r"'^https://(\S+$'", "regular expression"),
    (STREAM, "severity: warning", "severity: mild", "severity"),
    (STREAM, "holds_data: retain", "holds_data: forever", "holds_data"),
    (STREAM, "name: {max: 128}", "name: {maxi: 128}", "maxi"),
    (BUCKET, "pattern: '^[a-z0-9][a-z0-9-]*[a-z0-9]$'", "pattern: '^[a-z0-9'", "regular expression"),
    (STREAM, "    deny: provisioned ==", "    dony: provisioned ==", ""),
    (STREAM, "    terraform: aws_kinesis_stream\n", "    absent: \n", ""),
    (STREAM, "    why: Keeps records", "    wy: Keeps records", ""),
    // Expressions.
    (STREAM, "${capacity.mode == \"provisioned\"}", "${capacity.mode = \"provisioned\"}", ""),
    (STREAM, "${capacity.mode == \"provisioned\"}", "${capacity.mood == \"provisioned\"}", "mood"),
    (STREAM, "${coalesce(key.arn,", "${coalesced(key.arn,", "coalesced"),
    (STREAM, "${coalesce(key.arn,", "${coalesce(key.arm,", "arm"),
    (STREAM, "${length(collected.polling_readers) > 0}", "${length(collected.readers) > 0}", "readers"),
    (STREAM, "deny: provisioned == (", "deny: provisional == (", "provisional"),
    (STREAM, "at: [consumers]", "at: [consumer]", "consumer"),
    (STREAM, "`mode: ${capacity.mode}` and", "`mode: ${capacty.mode}` and", "capacty"),
    (STREAM, "each: {consumer: consumers}\n    cloudformation", "each: {consumer: readers}\n    cloudformation", "readers"),
    (STREAM, "why: Gives ${consumer.key}", "why: Gives ${consumer.name}", "name"),
    (STREAM, "means: the consumer ${consumer.key}", "means: the consumer ${reader.key}", "reader"),
    (STREAM, "statistic: Maximum", "statistics: Maximum", "statistics"),
    (STREAM, "resources: [\"${outputs.arn}\"]", "resources: [\"${outputs.am}\"]", "am"),
    (BUCKET, "CKV_AWS_145: '${key == null", "CKV_AWS_145: '${keys == null", "keys"),
    (BUCKET, "after: [versioning]", "after: [versions]", "versions"),
    (BUCKET, "values:\n  algorithm", "values:\n  key: x\n  algorithm", "means something else"),
    (KEY, "each: {service: collected.via}", "each: {service: collected.vie}", "vie"),
    (KEY, "before: alias/", "before: \"${alias}/\"", "alias"),
    // Promises.
    (STREAM, "cloudformation: main.Arn\n", "cloudformation: mane.Arn\n", "mane"),
    (BUCKET, "terraform: main.bucket, ready: [versioning,", "terraform: main.bucket, ready: [versions,", "versions"),
    (STREAM, "offers: [record-stream, shared-data]", "offers: [record-streams]", "record-streams"),
    (STREAM, "collects: [polling_readers, recoveries, outsiders]", "collects: []", "polling_readers"),
    (STREAM, "  key:\n    via: [kinesis]", "  capacity:\n    via: [kinesis]", "capacity"),
    (STREAM, "    via: [kinesis]", "    vie: [kinesis]", "vie"),
    (ARCHIVE, "part: role", "part: roles", "roles"),
    (ARCHIVE, "    trusts: firehose", "    trust: firehose", "trust"),
    (ARCHIVE, "{grant: source.read}", "{grant: sauce.read}", "sauce"),
    (ARCHIVE, "${parts.errors.arn}", "${parts.error.arn}", "error"),
    // Other files.
    (CAPABILITIES, "ambient: true", "ambiant: true", "ambiant"),
    (CAPABILITIES, "arn: {type: string}", "arn: {type: text}", "text"),
    (LOOKUPS, "    value: data.aws_caller_identity", "    valeu: data.aws_caller_identity", "valeu"),
    // Templates.
    (STREAM_YAML, "{{retention_hours}}", "{{retention_days}}", "retention_days"),
    (STREAM_YAML, "{{capacity.shards}}", "{{capacity.shard}}", "shard"),
    (STREAM_YAML, "{{retention_hours}}", "about {{retention_hours}}", ""),
    (STREAM_YAML, "{{retention_hours}}", "{{{retention_hours}}}", ""),
    (STREAM_YAML, "{{id \"main\"}}:", "{{id \"mane\"}}:", "Mane"),
    (BUCKET_YAML, "{{#if ages}}", "{{#if aged}}", "aged"),
    (STREAM_YAML, "{{id \"consumer\" consumer.key}}", "{{id \"consumer\" reader.key}}", "reader"),
    (STREAM_YAML, "RetentionPeriodHours:", "RetentionPeriodHours", ""),
    (STREAM_TF, "{{retention_hours}}", "{{> nowhere}}", "nowhere"),
    (STREAM_TF, "{{retention_hours}}", "{{lookup retention_hours}}", "lookup"),
    (STREAM_TF, "resource \"aws_kinesis_stream\" {{id \"main\"}} {", "resource \"aws_kinesis_stream\" {{id \"main\"}} [", ""),
    (STREAM_TF, "= {{retention_hours}}", "= {{retention_hours}} + 1", ""),
];
