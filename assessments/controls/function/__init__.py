"""Controls of the runtime and the monitoring of function apps."""
