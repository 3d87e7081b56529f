"""Which pictures there are: folders, globs, lists, tables and tars, read as streams."""
