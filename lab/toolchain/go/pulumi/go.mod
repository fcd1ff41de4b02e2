module region-mirror/lab/pulumi

go 1.26.0

tool (
	github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
	github.com/pulumi/pulumi/sdk/python/cmd/pulumi-language-python/v3
)

require (
	github.com/pulumi/pulumi/pkg/v3 v3.188.0
	github.com/pulumi/pulumi/sdk/v3 v3.188.0
	github.com/pulumi/pulumi/sdk/python/cmd/pulumi-language-python/v3 v3.0.0-20250806165243-bee5e4fa4815
	github.com/pulumi/pulumi-kubernetes/provider/v4 v4.0.0-20250809063335-7621b6207bc1
)
