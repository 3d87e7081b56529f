"""A corpus as a page for people: one file that opens from disk, or pages from a small server."""
