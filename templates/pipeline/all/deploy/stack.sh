#!/usr/bin/env bash
# Prepares the stacks of a blueprint's environment, or carries out what was prepared, one after another; the first
# that fails ends it: `stack.sh prepare BLUEPRINT ENVIRONMENT`, `stack.sh carry-out BLUEPRINT ENVIRONMENT`.
# stacks.json is what changed.sh leaves. A change set is named after the commit, so that what is carried out is what
# was shown. What a blueprint leaves to whoever deploys (`{parameter: NAME}`) stands in deploy/parameters/PREFIX.json,
# as `--parameters` takes it, or in PREFIX.tfvars.json beside it.
# Where AWS_ROLE_ARN holds {0}, the stack's account stands in its place.
set -euo pipefail
step=$1 top=$PWD stack=
of() { jq -r ".$1 // empty" <<< "$stack"; }

one_stack() {
  region=$(of region) account=$(of account) bucket=$(of artifacts.bucket)
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  if [ -n "${AWS_ROLE_ARN:-}" ]; then export AWS_ROLE_ARN="${AWS_ROLE_ARN//\{0\}/$account}"; fi
  # Where Terraform's provider takes a role in the account, it is the provider that refuses any other.
  if [ -n "$account" ] && [ -z "$(of role_arn_in_account)" ] &&
    [ "$(aws sts get-caller-identity --query Account --output text)" != "$account" ]; then
    echo "this stack belongs to the account $account" >&2
    exit 1
  fi
  given=$top/deploy/parameters/$(of prefix)
  cd "$(of folder)"
  if [ "$step" = prepare ] && [ -n "$bucket" ] && [ -d assets ]; then upload_assets; fi
  "$(of target)_"
}

bucket_in() { echo "${bucket//\{region\}/$1}"; }

upload_assets() {
  local each regions
  regions=$(jq -r '.regions // [.region] | .[]' <<< "$stack")
  for each in $regions; do
    aws s3 cp --recursive --only-show-errors --region "$each" assets "s3://$(bucket_in "$each")/$(of artifacts.prefix)"
  done
}

terraform_() {
  local workspace plan answers=() each
  workspace=$(of workspace) plan=${workspace:-plan}.tfplan
  terraform init -input=false > /dev/null
  if [ -n "$workspace" ]; then terraform workspace select -or-create "$workspace"; fi
  if [ "$step" = carry-out ]; then
    terraform apply -input=false -no-color "$plan"
    return
  fi
  if [ -f "$given.tfvars.json" ]; then answers=(-var-file "$given.tfvars.json"); fi
  while read -r each; do
    answers+=(-var "$each")
  done < <(jq -r '.variables // {} | to_entries[] | "\(.key)=\(.value)"' <<< "$stack")
  terraform plan -input=false -no-color "${answers[@]}" -out "$plan"
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

# Puts a template into the bucket under the name of its content, and says where.
upload_template() {
  local there key suffix=amazonaws.com
  there=$(bucket_in "$region")
  key=$(of artifacts.prefix)$name-$(sha256sum template.yaml | cut -c1-12).yaml
  case $region in cn-*) suffix=amazonaws.com.cn ;; esac
  aws s3 cp --only-show-errors template.yaml "s3://$there/$key"
  echo "https://$there.s3.$region.$suffix/$key"
}

make_change_set() {
  local template=(--template-body file://template.yaml) more=() url why
  if [ "$(of stack_set)" = true ]; then # its one resource reads the template from there
    upload_template > /dev/null
    template=(--template-body file://stack-set.yaml)
  elif [ "$(wc -c < template.yaml)" -gt 51200 ]; then
    url=$(upload_template)
    template=(--template-url "$url")
  fi
  if [ -n "$(of role_arn)" ]; then more+=(--role-arn "$(of role_arn)"); fi
  if [ -f "$given.json" ]; then more+=(--parameters "file://$given.json"); fi
  # One that the same commit made before, in a job that is run again.
  aws cloudformation delete-change-set "${set[@]}" > /dev/null 2>&1 || true
  aws cloudformation create-change-set "${set[@]}" --change-set-type "$type" \
    "${template[@]}" "${more[@]}" --capabilities CAPABILITY_NAMED_IAM > /dev/null
  if ! aws cloudformation wait change-set-create-complete "${set[@]}" 2> /dev/null; then
    why=$(aws cloudformation describe-change-set "${set[@]}" --query StatusReason --output text)
    echo "$why" >&2
    case $why in *"didn't contain changes"* | *"No updates are to be performed"*) return 0 ;; esac
    return 1
  fi
  aws cloudformation describe-change-set "${set[@]}" --output table \
    --query 'Changes[].ResourceChange.[Action,LogicalResourceId,ResourceType,Replacement]'
}

carry_out() {
  if [ "$(aws cloudformation describe-change-set "${set[@]}" --query Status --output text)" = FAILED ]; then
    echo "$name: there is nothing to carry out"
    return
  fi
  aws cloudformation execute-change-set "${set[@]}"
  aws cloudformation wait "$made" --stack-name "$name"
  if [ -f stack-policy.json ]; then
    aws cloudformation set-stack-policy --stack-name "$name" --stack-policy-body file://stack-policy.json
  elif [ "$(aws cloudformation get-stack-policy --stack-name "$name" --query StackPolicyBody --output text)" != None ]; then
    aws cloudformation set-stack-policy --stack-name "$name" --stack-policy-body \
      '{"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}'
  fi
  if [ "$(of termination_protection)" = true ]; then
    aws cloudformation update-termination-protection --stack-name "$name" --enable-termination-protection > /dev/null
  fi
}

cloudformation_() {
  local name set status type made
  name=$(of stack_name)
  set=(--stack-name "$name" --change-set-name "formwork-$commit")
  status=$(status_of "$name")
  case $status in
    none | REVIEW_IN_PROGRESS) type=CREATE made=stack-create-complete ;;
    ROLLBACK_COMPLETE | ROLLBACK_FAILED)
      echo "$name could not be made: see why, then \`aws cloudformation delete-stack --stack-name $name\`" >&2
      exit 1
      ;;
    *) type=UPDATE made=stack-update-complete ;;
  esac
  if [ "$step" = prepare ]; then make_change_set; else carry_out; fi
}

stacks=$(jq -c --arg blueprint "$2" --arg environment "$3" '
  .stacks[] | select(.blueprint == $blueprint and (.environment // "production") == $environment)' stacks.json)
if [ -z "$stacks" ]; then
  echo "stacks.json has no stack of $2 in $3" >&2
  exit 1
fi
commit=$(jq -r .commit stacks.json)
while read -r stack; do
  echo "== $(jq -r '.id // "\(.prefix) (\(.target))"' <<< "$stack")"
  (one_stack) < /dev/null
done <<< "$stacks"
