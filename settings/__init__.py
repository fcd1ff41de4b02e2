"""What a stack file may say: pure data, every rule and every error message. No Pulumi, no Kafka, no files."""
