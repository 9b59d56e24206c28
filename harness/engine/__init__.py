"""The engine: shards (pure work), executors (where it is done), journal (what is finished), run (the order of it all)."""
