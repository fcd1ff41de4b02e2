"""Bodies of Strimzi's custom resources: pure functions of the settings, one module per API generation."""
