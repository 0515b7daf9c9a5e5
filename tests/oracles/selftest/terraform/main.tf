terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = {
      project = "selftest"
    }
  }
}

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "data" {
  description         = "Data of this stack"
  enable_key_rotation = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AccountMayAdminister"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_sns_topic" "alarms" {
  name              = "selftest-alarms"
  kms_master_key_id = aws_kms_key.data.arn
}

resource "aws_kinesis_stream" "readings" {
  name             = "selftest-readings"
  retention_period = 24
  shard_count      = 1
  encryption_type  = "KMS"
  kms_key_id       = aws_kms_key.data.arn

  tags = {
    component = "readings"
  }
}

resource "aws_s3_bucket" "archive" {
  #checkov:skip=CKV_AWS_144:one region is enough for a test
  #checkov:skip=CKV2_AWS_61:a lifecycle takes a minute to apply
  #checkov:skip=CKV2_AWS_62:nobody listens
  bucket = "selftest-archive"
}

resource "aws_s3_bucket_public_access_block" "archive" {
  bucket                  = aws_s3_bucket.archive.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "archive" {
  bucket = aws_s3_bucket.archive.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.data.arn
    }
  }
}

# The bucket receives its own access logs: a test of the emulator, not an example.
resource "aws_s3_bucket_policy" "archive" {
  bucket = aws_s3_bucket.archive.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EncryptedTransport"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.archive.arn, "${aws_s3_bucket.archive.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "AccessLogs"
        Effect    = "Allow"
        Principal = { Service = "logging.s3.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.archive.arn}/access/*"
      },
    ]
  })
}

resource "aws_s3_bucket_logging" "archive" {
  bucket        = aws_s3_bucket.archive.id
  target_bucket = aws_s3_bucket.archive.id
  target_prefix = "access/"
  depends_on    = [aws_s3_bucket_policy.archive]
}

resource "aws_security_group" "clients" {
  #checkov:skip=CKV2_AWS_5:the rule below is all that is tested
  name        = "selftest-clients"
  description = "Clients of the stream"
}

resource "aws_vpc_security_group_egress_rule" "among_clients" {
  security_group_id            = aws_security_group.clients.id
  referenced_security_group_id = aws_security_group.clients.id
  description                  = "Clients speak to one another"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
