"""Claims of the certificates, played many times over: what `tests/claims` runs short and `make bench` runs in full."""
