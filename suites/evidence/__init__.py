"""How computed checks get their evidence: identities, quadrature, cubature, chance and dual numbers."""
