"""Slips of the documents that are no statistical claims: no draw can judge them, so that a reader is told instead.

What a check can judge stands among the claims, refuted as written where it is wrong.
"""

from __future__ import annotations

from harness.questions.content import Erratum

ERRATA = (
    Erratum(
        "proof", "Claim", "An argmax is set equal to a quotient.",
        "The left side is an index, drawn at random, the right side the probability with which it takes one value.",
    ),
    Erratum(
        "proof", "Claim", "The softmax is taken of one logit x_k.",
        "It is a function of all logits; its entry k is meant.",
    ),
    Erratum(
        "proof", "Proof, definitions", "One letter stands for a draw, for its law and inside PDF and CDF for an argument.",
        "A density is a function of a point, not of a random variable.",
    ),
    Erratum(
        "proof", "Proof, first step", "x_k + G(0, 1) = G(x_k, 1), with no reason given.",
        "The two have the same law and are not equal; the reason is that (x - x_k) is substituted in the CDF.",
    ),
    Erratum(
        "proof", "Proof, first step", "k runs over the elements of K.", "K is the number of categories; k runs from 1 to K.",
    ),
    Erratum(
        "proof", "Proof, last display", "argmax G(x_k, 1) = P(k is largest).",
        "An index is set equal to a probability, as in the claim.",
    ),
    Erratum(
        "density", "eq. (1)", "Nothing is asked of pi but that it is a probability vector.",
        "log pi_i needs pi_i > 0 for every i, and the density needs k >= 2.",
    ),
    Erratum(
        "density", "eqs (1) to (15)", "k is the number of categories and the index of the last one.",
        "It holds only because the reference category is taken to be the last; any other serves as well.",
    ),
    Erratum(
        "density", "eq. (12)", "The density is multiplied by a determinant without its absolute value.",
        "A change of variables takes |det|. Here it is positive, tau^(k-1) / prod y_i: no harm is done.",
    ),
    Erratum(
        "density", "last sentence", "Equations (24) to (28) are called easy to understand.",
        "The note ends with equation (15); those of Jang, Gu and Poole's appendix B are meant.",
    ),
    Erratum(
        "density", "References", "The paper is called Categorical representation with Gumbel-softmax.",
        "Its title is Categorical Reparameterization with Gumbel-Softmax.",
    ),
    Erratum(
        "posterior", "third paragraph", "The condition on (eps_1 ... eps_K) is left out after 'if'.",
        "They have to be independent standard Gumbel variables.",
    ),
    Erratum(
        "posterior", "third paragraph", "u is uniform on the closed interval [0, 1].",
        "-log(-log u) is minus infinity at 0 and infinity at 1: of probability 0, but floats hit them.",
    ),
    Erratum(
        "posterior", "after Bayes' rule", "The constraints are called nonlinear.",
        "For equal alpha they are linear: u_j <= u_k.",
    ),
    Erratum(
        "posterior", "definition of C_k", "The sets are called a partition although each has <= in its definition.",
        "They overlap where two perturbed log probabilities tie, which has probability 0.",
    ),
    Erratum(
        "posterior", "after the chain", "A conditional density is set equal to U([0, c]).",
        "The right side is a law; its density is 1 / c on [0, c] and 0 beyond.",
    ),
    Erratum(
        "posterior", "last derivation", "p(u_1 ... u_K | k) = 1 / alpha_k is stated without its domain.",
        "It holds on C_k alone; the indicator of the lines before is dropped.",
    ),
    Erratum(
        "trick", "definition of the Gumbel distribution", "The density is written G(mu, beta).",
        "G names the law from there on, and max x_j = G(...) then sets a variable equal to a law; the density lacks its x.",
    ),
    Erratum(
        "trick", "first figure", "An extreme value distribution is what maxima (or minima) of several draws have.",
        "It is their limit as the number of draws grows, after shift and scale; minima have its mirror image.",
    ),
    Erratum(
        "trick", "Property 1, proof", "The probabilities of sampling x and x + a are called identical.",
        "Either probability is 0; the densities there are equal.",
    ),
    Erratum(
        "trick", "Property 2", "I/i stands for the set I without its element i.",
        "The usual sign is I \\ {i}; a slash reads as a quotient.",
    ),
    Erratum(
        "trick", "logits paragraph", "Softmax probabilities satisfy 0 <= p_i <= 1.",
        "Both are strict for finite logits and K >= 2, so that no certain or impossible category can be reached.",
    ),
    Erratum(
        "trick", "Toy Problem, second step", "b_i = S(a_i / tau), the softmax of one number.",
        "Every entry depends on all of a.",
    ),
    Erratum(
        "trick", "chain rule", "The derivatives of S and of R are written over a_i and b_j, without a second d.",
        "They are partial derivatives in a_i and in b_j.",
    ),
    Erratum(
        "trick", "final gradient", "c is called a constant.",
        "It does not depend on i, but on logits, noise and observation: it changes with every step.",
    ),
    Erratum(
        "trick", "code, a comment", "Averages of 20 rolls are called true values.",
        "They are estimates, off by a variance of p (1 - p) / 20 a face.",
    ),
)  # fmt: skip
