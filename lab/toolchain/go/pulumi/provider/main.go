// The Kubernetes plugin of Pulumi. Its own command embeds two generated files that the published module lacks;
// the module's schema.json and terraform-mapping.json hold the same and are copied here before the build.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

// Set by the build: the version that the plugin reports.
var version = "v0.0.0-unset"

func main() {
	provider.Serve("kubernetes", version, schema, terraformMapping)
}
