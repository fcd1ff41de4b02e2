"""Rules for what a stack may declare, as a Pulumi policy pack. Imports only `settings` and `manifests`."""
