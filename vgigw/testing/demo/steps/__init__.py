"""The steps, one idea a file; each acts on the stage and tells its outcome."""
