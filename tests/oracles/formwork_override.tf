# Laid beside a copy of a generated stack, so that it runs against an emulator.
terraform {
  backend "local" {}
}

provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  s3_use_path_style           = true
  max_retries                 = 3
  allowed_account_ids         = ["123456789012"] # the emulator's, whatever account the stack is for
}
