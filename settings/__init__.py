"""The settings of a stack file: pure data, rules and error messages. No Pulumi, no Kafka, no files."""
