"""Who follows runs from outside, where somebody asked for it: Prometheus while they go on, Grafana fault by fault."""
