"""How a mirror is watched: the exporter's metrics, the alerts on them, and a dashboard. Pure."""
