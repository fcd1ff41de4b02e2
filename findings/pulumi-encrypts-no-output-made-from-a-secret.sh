#!/usr/bin/env bash
# An output that a dynamic provider makes from a secret input is in Pulumi's state as plain text; the input beside it is encrypted.
#
# Versions:   pulumi 3.188.0 (CLI with its Python language host, on the PATH), pulumi 3.272.0 (PyPI), Python 3.
# Guess:      What is made from a secret is secret: so it is with `apply`, `concat` and outputs that go into other resources.
# Behaviour:  A dynamic provider gets its inputs in plain text and returns its outputs so (`acceptSecrets` is false). The engine then
#             marks those outputs as secret that have the name of a secret input. Another name is not marked, whatever it was made from.
# Matters:    A connection string, a JAAS line or a truststore that a provider builds from a password is readable in the state file, in
#             `pulumi stack output` and in every log of a deployment. `additional_secret_outputs` with the output's name mends it.
# Output:     password: [secret]
#             applied: [secret]
#             url: https://mirror:example@west
#             marked: [secret]
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
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Provider(ResourceProvider):
    def create(self, props):
        return CreateResult("id", {**props, "url": f"https://mirror:{props['password']}@west"})

class Login(Resource):
    password: pulumi.Output[str]
    url: pulumi.Output[str]

    def __init__(self, name, opts=None):
        super().__init__(Provider(), name, {"password": pulumi.Output.secret("example"), "url": None}, opts)

one = Login("one")
pulumi.export("password", one.password)
pulumi.export("applied", one.password.apply(lambda password: f"https://mirror:{password}@west"))
pulumi.export("url", one.url)
pulumi.export("marked", Login("two", pulumi.ResourceOptions(additional_secret_outputs=["url"])).url)
PYTHON
pulumi stack init dev >&2
pulumi up --yes --skip-preview --non-interactive >&2
pulumi stack output --json > outputs.json
python3 - <<'PYTHON' | tee seen
import json

outputs = json.load(open("outputs.json"))
for name in ("password", "applied", "url", "marked"):
    print(f"{name}: {outputs[name]}")
PYTHON
diff seen - <<'EXPECTED'
password: [secret]
applied: [secret]
url: https://mirror:example@west
marked: [secret]
EXPECTED
