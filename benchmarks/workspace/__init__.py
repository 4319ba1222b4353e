"""The workspace beside its peers, Label Studio and Potato: the same figures of each, in one run."""
