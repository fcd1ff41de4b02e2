#!/usr/bin/env bash
# A key whose value is None, at any depth of a dynamic provider's inputs, does not reach the provider; a None in a list does.
#
# Versions:   pulumi 3.188.0 (CLI with its Python language host, on the PATH), pulumi 3.272.0 (PyPI), Python 3.
# Guess:      A provider in Python gets the dictionary that the program passed: {"owner": None} has a key `owner`.
# Behaviour:  Pulumi's SDK leaves out keys without a value when it sends the inputs, also in dictionaries inside of lists. `create` gets
#             the dictionary without the key. An item of a list keeps its place and arrives as None.
# Matters:    `one["owner"]` in the provider raises KeyError in every preview, and a unit test that calls `check` with the program's
#             dictionary passes. Read such keys by `get`, and test with what has gone through Pulumi.
# Output:     passed: [{"name": "a", "owner": null}, {"name": "b", "owner": "me"}] and [null, 1]
#             create got: [{"name": "a"}, {"name": "b", "owner": "me"}] and [null, 1]
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip install -q pulumi==3.272.0 >&2
mkdir state
export PULUMI_BACKEND_URL="file://$work/state" PULUMI_CONFIG_PASSPHRASE=finding PULUMI_HOME="$work/home" PULUMI_SKIP_UPDATE_CHECK=true
cat > Pulumi.yaml <<'YAML'
name: finding
runtime: {name: python, options: {virtualenv: venv}}
YAML
cat > __main__.py <<'PYTHON'
import json

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

PASSED = {"objects": [{"name": "a", "owner": None}, {"name": "b", "owner": "me"}], "items": [None, 1]}

def told(inputs):
    items = [None if one is None else int(one) for one in inputs["items"]]
    return f"{json.dumps(inputs['objects'])} and {json.dumps(items)}"

class Provider(ResourceProvider):
    def create(self, props):
        return CreateResult("id", {**props, "told": told(props)})

class Seen(Resource):
    told: pulumi.Output[str]

    def __init__(self, name):
        super().__init__(Provider(), name, {**PASSED, "told": None})

pulumi.export("passed", told(PASSED))
pulumi.export("create got", Seen("one").told)
PYTHON
pulumi stack init dev >&2
pulumi up --yes --skip-preview --non-interactive >&2
pulumi stack output --json > outputs.json
python3 - <<'PYTHON' | tee seen
import json

outputs = json.load(open("outputs.json"))
for name in ("passed", "create got"):
    print(f"{name}: {outputs[name]}")
PYTHON
diff seen - <<'EXPECTED'
passed: [{"name": "a", "owner": null}, {"name": "b", "owner": "me"}] and [null, 1]
create got: [{"name": "a"}, {"name": "b", "owner": "me"}] and [null, 1]
EXPECTED
