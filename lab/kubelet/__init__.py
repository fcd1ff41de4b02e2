"""Stand-in for Kubernetes' scheduler and kubelet, in the lab only.

There is no container engine here, so a pod's container runs as a process of the lab: the checkout in place of
the image, its Python in place of the image's. All else is Kubernetes' own: the controllers of Jobs, CronJobs
and Deployments make the pods, the API server issues the service account's token and holds it to its Role.

What it does not do: isolate anything. The security context is not enforced, mounted folders lie in the lab's
own (paths in arguments and variables are rewritten), there is one container a pod, its probes ask over plain
HTTP, and there are no limits, hooks or services. A pod that asks for more fails, and its status says so.
"""
