"""The operating envelope of a sampler: for each quantity, how far it is right, and where it first is not.

Reading order: trial (one point, one exact test), search (which points), then one quantity a file, then measure (all of
them for all samplers) and table (envelope.csv).
"""
