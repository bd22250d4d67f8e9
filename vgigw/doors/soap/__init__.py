"""The SOAP door: SOAP 1.1 and 1.2 on lxml."""
