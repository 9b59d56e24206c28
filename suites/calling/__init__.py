"""How suites call a sampler themselves: once, in series, with other sizes or logits, or with scripted random words."""
