#!/usr/bin/env bash
# Prepares one stack, or carries out what was prepared: `stack.sh prepare`, `stack.sh carry-out`.
# STACK is one stack of `formwork list --stacks --format json`. The change set is named after the commit, so that
# what is carried out is what was shown.
set -euo pipefail
of() { jq -r ".$1 // empty" <<< "$STACK"; }
region=$(of region)
export AWS_REGION=$region AWS_DEFAULT_REGION=$region
account=$(of account)
if [ -n "$account" ] && [ "$(aws sts get-caller-identity --query Account --output text)" != "$account" ]; then
  echo "this stack belongs to the account $account" >&2
  exit 1
fi
cd "$(of folder)"
bucket=$(of artifacts.bucket)
if [ "$1" = prepare ] && [ -n "$bucket" ] && [ -d assets ]; then
  aws s3 cp --recursive --only-show-errors assets "s3://$bucket/$(of artifacts.prefix)"
fi

terraform_() {
  terraform init -input=false > /dev/null
  if [ "$1" = prepare ]; then
    terraform plan -input=false -no-color -out plan.tfplan
  else
    terraform apply -input=false -no-color plan.tfplan
  fi
}

cloudformation_() {
  local name set type=UPDATE done=stack-update-complete status
  name=$(of stack_name)
  set="formwork-$(git rev-parse --short=12 HEAD)"
  status=$(aws cloudformation describe-stacks --stack-name "$name" --query 'Stacks[0].StackStatus' --output text \
    2> /dev/null || echo none)
  case $status in none | REVIEW_IN_PROGRESS) type=CREATE done=stack-create-complete ;; esac
  if [ "$1" = prepare ]; then
    local template=(--template-body file://template.yaml) role=()
    if [ "$(wc -c < template.yaml)" -gt 51200 ]; then
      local key
      key="$(of artifacts.prefix)$name/$set.yaml"
      aws s3 cp --only-show-errors template.yaml "s3://$bucket/$key"
      template=(--template-url "https://$bucket.s3.$region.amazonaws.com/$key")
    fi
    if [ -n "$(of role_arn)" ]; then role=(--role-arn "$(of role_arn)"); fi
    aws cloudformation create-change-set --stack-name "$name" --change-set-name "$set" --change-set-type "$type" \
      "${template[@]}" "${role[@]}" --capabilities CAPABILITY_NAMED_IAM > /dev/null
    aws cloudformation wait change-set-create-complete --stack-name "$name" --change-set-name "$set"
    aws cloudformation describe-change-set --stack-name "$name" --change-set-name "$set" --output table \
      --query 'Changes[].ResourceChange.[Action,LogicalResourceId,ResourceType,Replacement]'
  else
    aws cloudformation execute-change-set --stack-name "$name" --change-set-name "$set"
    aws cloudformation wait "$done" --stack-name "$name"
    if [ -f stack-policy.json ]; then
      aws cloudformation set-stack-policy --stack-name "$name" --stack-policy-body file://stack-policy.json
    fi
  fi
}

"$(of target)_" "$1"
