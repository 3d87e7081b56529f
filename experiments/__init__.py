"""Whole experiments: the chain from pictures to paintings, its trials on unseen pictures, ablations."""
