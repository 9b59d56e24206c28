"""Who tests the tests: controls must be refuted, right samplers spared at the stated rate, and power must be as designed.

Reading order: intervals, configurations, calibration, deep (rates at 1e-6 to 1e-9), computed, runs (complete runs of right
samplers), controls (the kill matrix), power and oracle, promise (what the sweep promises), others, tasks, selftest, summary.
"""
