"""Images -> corpus: pictures become painting processes, in shards that train."""
