"""The engine: shards (pure work), executors (where it is done), journal and folds (what is finished, and merged), run."""
