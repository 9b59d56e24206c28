"""All that a sampler declares to draw from, as seeded random points between the cases.

Reading order: point (what a point is, and its name), then one axis a file (categories, families, masks, parameters,
layouts), then draw (a random point) and classes (which axis has which value at a point).
"""
