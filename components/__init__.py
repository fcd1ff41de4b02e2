"""What is declared: Pulumi components. They open no connection, neither to Kafka nor to Kubernetes."""
