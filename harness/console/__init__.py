"""What a terminal shows: progress, listings, the summary of a run, where it was saved and how long it took."""
