#!/usr/bin/env bash
# PyYAML writes text without quotes that Kubernetes' parser reads as a number or a boolean: a commit's `1234e56`, an id `0812`, an alias `y`.
#
# Versions:   PyYAML 6.0.3 (PyPI), sigs.k8s.io/yaml 1.6.0 (Go module; kubectl, kustomize and Helm read with it), Go 1.22 or newer, Python 3.
# Guess:      A YAML writer puts quotes around text that would be read as something else. Both know YAML 1.1, so what
#             `yaml.safe_dump` writes is the same text to kubectl.
# Behaviour:  PyYAML quotes what PyYAML would misread. Its floats need a dot and a sign in the exponent, its numbers do not begin with
#             a 0 before an 8 or a 9, and it has no booleans `y` and `n`. Kubernetes' parser reads all of them as numbers and booleans.
# Matters:    A manifest that passes every test in Python is refused as JSON (`cannot unmarshal number into Go struct field`); where any
#             type is allowed (`x-kubernetes-preserve-unknown-fields`), or where a Go program reads it into a struct, the text
#             becomes another one. It comes by chance: one in about 110 commits has a short hash of 7 digits like that.
# Output:     1234e56: written as 1234e56, read as number 1.234e+59
#             0812: written as 0812, read as number 812
#             y: written as y, read as boolean true
#             0o17: written as 0o17, read as number 15
#             1234: written as '1234', read as text
#             yes: written as 'yes', read as text
#             labels {commit: 1234e56} as JSON: refused=true; in a struct: +Inf
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m pip install -q --target packages PyYAML==6.0.3 >&2
cat > read.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"sigs.k8s.io/yaml"
)

func main() {
	for _, name := range os.Args[1:] {
		written, err := os.ReadFile(name)
		if err != nil {
			panic(err)
		}
		read, err := yaml.YAMLToJSON(written)
		if err != nil {
			panic(err)
		}
		var value struct{ Text any }
		if err := json.Unmarshal(read, &value); err != nil {
			panic(err)
		}
		kind := map[string]string{"string": "text", "float64": "number ", "bool": "boolean "}[fmt.Sprintf("%T", value.Text)]
		if kind != "text" {
			kind += strings.TrimSuffix(strings.TrimPrefix(string(read), `{"text":`), "}")
		}
		plain := strings.TrimSpace(strings.TrimPrefix(string(written), "text: "))
		fmt.Printf("%s: written as %s, read as %s\n", strings.Trim(plain, "'"), plain, kind)
	}
	labels := []byte("labels: {commit: 1234e56}")
	var object struct{ Labels map[string]string }
	read, err := yaml.YAMLToJSON(labels)
	if err != nil {
		panic(err)
	}
	refused := json.Unmarshal(read, &object)
	if err := yaml.Unmarshal(labels, &object); err != nil {
		panic(err)
	}
	fmt.Printf("labels {commit: 1234e56} as JSON: refused=%t; in a struct: %s\n",
		refused != nil && strings.Contains(refused.Error(), "cannot unmarshal number"), object.Labels["commit"])
}
GO
{ go mod init finding && go get sigs.k8s.io/yaml@v1.6.0; } >&2 2>log || { cat log >&2; exit 1; }
PYTHONPATH=packages python3 - <<'PYTHON'
import yaml

for number, text in enumerate(["1234e56", "0812", "y", "0o17", "1234", "yes"]):
    with open(f"{number}.yaml", "w") as file:
        yaml.safe_dump({"text": text}, file)
PYTHON
go run read.go ?.yaml | tee seen
diff seen - <<'EXPECTED'
1234e56: written as 1234e56, read as number 1.234e+59
0812: written as 0812, read as number 812
y: written as y, read as boolean true
0o17: written as 0o17, read as number 15
1234: written as '1234', read as text
yes: written as 'yes', read as text
labels {commit: 1234e56} as JSON: refused=true; in a struct: +Inf
EXPECTED
