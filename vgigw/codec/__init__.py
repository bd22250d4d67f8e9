"""Forms of an object: JSON, XML, schemas, WSDL, each derived from the declaration."""
