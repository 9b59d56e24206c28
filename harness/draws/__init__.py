"""A block of draws: taken from a sampler (bind), cleared of invalid rows (sift), transformed (chunk), measured."""
