#!/usr/bin/env bash
# Prepares one stack, or carries out what was prepared: `stack.sh prepare`, `stack.sh carry-out`.
# STACK is one stack of `formwork list --stacks --format json`. The change set is named after the commit, so that
# what is carried out is what was shown. What a blueprint leaves to whoever deploys (`{parameter: NAME}`) stands in
# deploy/parameters/PREFIX.json, as `--parameters` takes it, or in PREFIX.tfvars.json beside it.
set -euo pipefail
of() { jq -r ".$1 // empty" <<< "$STACK"; }
region=$(of region)
export AWS_REGION=$region AWS_DEFAULT_REGION=$region
account=$(of account)
if [ -n "$account" ] && [ "$(aws sts get-caller-identity --query Account --output text)" != "$account" ]; then
  echo "this stack belongs to the account $account" >&2
  exit 1
fi
given=$PWD/deploy/parameters/$(of prefix)
cd "$(of folder)"
bucket=$(of artifacts.bucket)
if [ "$1" = prepare ] && [ -n "$bucket" ] && [ -d assets ]; then
  aws s3 cp --recursive --only-show-errors assets "s3://$bucket/$(of artifacts.prefix)"
fi

terraform_() {
  terraform init -input=false > /dev/null
  if [ "$1" = prepare ]; then
    local answers=()
    if [ -f "$given.tfvars.json" ]; then answers=(-var-file "$given.tfvars.json"); fi
    terraform plan -input=false -no-color "${answers[@]}" -out plan.tfplan
  else
    terraform apply -input=false -no-color plan.tfplan
  fi
}

# What a stack is doing; `none` where there is none. What cannot be asked is no answer.
status_of() {
  local told
  if told=$(aws cloudformation describe-stacks --stack-name "$1" --query 'Stacks[0].StackStatus' --output text 2>&1); then
    echo "$told"
  elif [[ $told == *"does not exist"* ]]; then
    echo none
  else
    echo "$told" >&2
    return 1
  fi
}

make_change_set() {
  local name=$1 set=$2 type=$3 template=(--template-body file://template.yaml) more=() key suffix=amazonaws.com why
  if [ "$(wc -c < template.yaml)" -gt 51200 ]; then
    key="$(of artifacts.prefix)$name/$set.yaml"
    case $region in cn-*) suffix=amazonaws.com.cn ;; esac
    aws s3 cp --only-show-errors template.yaml "s3://$bucket/$key"
    template=(--template-url "https://$bucket.s3.$region.$suffix/$key")
  fi
  if [ -n "$(of role_arn)" ]; then more+=(--role-arn "$(of role_arn)"); fi
  if [ -f "$given.json" ]; then more+=(--parameters "file://$given.json"); fi
  # One that the same commit made before, in a job that is run again.
  aws cloudformation delete-change-set --stack-name "$name" --change-set-name "$set" > /dev/null 2>&1 || true
  aws cloudformation create-change-set --stack-name "$name" --change-set-name "$set" --change-set-type "$type" \
    "${template[@]}" "${more[@]}" --capabilities CAPABILITY_NAMED_IAM > /dev/null
  if ! aws cloudformation wait change-set-create-complete --stack-name "$name" --change-set-name "$set" 2> /dev/null; then
    why=$(aws cloudformation describe-change-set --stack-name "$name" --change-set-name "$set" --query StatusReason --output text)
    echo "$why" >&2
    case $why in *"didn't contain changes"* | *"No updates are to be performed"*) return 0 ;; esac
    return 1
  fi
  aws cloudformation describe-change-set --stack-name "$name" --change-set-name "$set" --output table \
    --query 'Changes[].ResourceChange.[Action,LogicalResourceId,ResourceType,Replacement]'
}

carry_out() {
  local name=$1 set=$2 done=$3 made
  made=$(aws cloudformation describe-change-set --stack-name "$name" --change-set-name "$set" --query Status --output text)
  if [ "$made" = FAILED ]; then
    echo "$name: there is nothing to carry out"
    return
  fi
  aws cloudformation execute-change-set --stack-name "$name" --change-set-name "$set"
  aws cloudformation wait "$done" --stack-name "$name"
  if [ -f stack-policy.json ]; then
    aws cloudformation set-stack-policy --stack-name "$name" --stack-policy-body file://stack-policy.json
  elif [ -n "$(aws cloudformation get-stack-policy --stack-name "$name" --query 'StackPolicyBody || `""`' --output text)" ]; then
    aws cloudformation set-stack-policy --stack-name "$name" --stack-policy-body \
      '{"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}'
  fi
  if [ "$(of termination_protection)" = true ]; then
    aws cloudformation update-termination-protection --stack-name "$name" --enable-termination-protection > /dev/null
  fi
}

cloudformation_() {
  local name set status type done
  name=$(of stack_name)
  set="formwork-$(git rev-parse --short=12 HEAD)"
  status=$(status_of "$name")
  case $status in
    none | REVIEW_IN_PROGRESS) type=CREATE done=stack-create-complete ;;
    ROLLBACK_COMPLETE | ROLLBACK_FAILED)
      echo "$name could not be made: see why, then \`aws cloudformation delete-stack --stack-name $name\`" >&2
      exit 1
      ;;
    *) type=UPDATE done=stack-update-complete ;;
  esac
  if [ "$1" = prepare ]; then make_change_set "$name" "$set" "$type"; else carry_out "$name" "$set" "$done"; fi
}

"$(of target)_" "$1"
