"""Between the cases: random points of all that a sampler declares, tried with few draws and exact tests.

Reading order: calls (draws at a point), counted and uniforms (exact p-values of draws), trial (all questions of a point),
sweep (many points, each a trial, asked again where they look wrong), promise (what that would have found).
"""
