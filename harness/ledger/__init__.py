"""What a run leaves behind: records of checks, the manifest, the run folder, and the tables made from them."""
