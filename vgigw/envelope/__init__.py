"""Seal and unseal: one file a framing (T/CEC 102, SOAP, REST)."""
