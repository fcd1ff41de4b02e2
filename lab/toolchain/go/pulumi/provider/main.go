// The Kubernetes plugin of Pulumi. Its own command embeds two generated files that the published module lacks;
// the module's schema.json and terraform-mapping.json hold the same and are copied here before the build.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	pluginversion "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

// What the published module is: 68 commits after this release.
const version = "v4.23.0"

func main() {
	pluginversion.Version = version
	provider.Serve("kubernetes", version, schema, terraformMapping)
}
