"""Signing: where private keys live, certificates of schemes, signature envelopes. No network, no clock."""
