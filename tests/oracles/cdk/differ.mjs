// What the CDK says of pairs of CloudFormation templates.
//
//   node differ.mjs FOLDER_OF_PACKAGES < pairs.json > impacts.json
//
// A pair: {"old": TEMPLATE, "new": TEMPLATE}. For each, the impact of the change of each resource
// that differs, by its logical id: WILL_UPDATE, MAY_REPLACE, …
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

const {fullDiff} = createRequire(`${process.argv[2]}/`)('@aws-cdk/cloudformation-diff');
const impacts = pair => {
  const found = {};
  fullDiff(pair.old, pair.new).resources.forEachDifference((id, change) => {
    found[id] = change.changeImpact;
  });
  return found;
};
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(impacts)));
