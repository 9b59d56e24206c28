r"""Each claim's formula in LaTeX and in our notation; the equation of the document stands in the claim's ``where``.

g is Gumbel noise, x are logits, p probabilities, tau the temperature, y a relaxed draw, e_k a one-hot vector, E a
standard exponential, \gamma Euler's constant.
"""

from __future__ import annotations

from collections.abc import Mapping

_SUM = r"\sum_{j=1}^{K}"
FORMULAS: Mapping[str, str] = {
    "proof.equivalence": rf"P\bigl(\mathrm{{argmax}}_j (x_j + g_j) = k\bigr) = \frac{{e^{{x_k}}}}{{{_SUM} e^{{x_j}}}}",
    "proof.softmax-of-logits": rf"\mathrm{{softmax}}(x)_k = \frac{{x_k}}{{{_SUM} x_j}}",
    "proof.softmax-of-logits.corrected": rf"\mathrm{{softmax}}(x)_k = \frac{{e^{{x_k}}}}{{{_SUM} e^{{x_j}}}}",
    "proof.relaxation-differentiable": (
        r"\frac{\partial y_j}{\partial x_i} = \frac{y_j (\delta_{ij} - y_i)}{\tau}, \quad "
        r"y = \mathrm{softmax}\Bigl(\frac{x + g}{\tau}\Bigr)"
    ),
    "proof.gumbel-pdf": r"f(x) = \frac{1}{\beta} e^{-z - e^{-z}}, \quad z = \frac{x - \mu}{\beta}",
    "proof.gumbel-cdf": r"F(x) = e^{-e^{-z}}, \quad z = \frac{x - \mu}{\beta}",
    "proof.location-shift": r"g \sim \mathrm{Gumbel}(0, 1) \Rightarrow x_k + g \sim \mathrm{Gumbel}(x_k, 1)",
    "proof.others-below": r"P(z_j \le z_k \text{ for all } j \mid z_k) = \prod_{j \ne k} e^{-e^{-(z_k - x_j)}}",
    "proof.largest-is-pdf-times-product": r"P(k \text{ is largest}) = f(z_k - x_k) \prod_{j \ne k} F(z_k - x_j)",
    "proof.largest-is-pdf-times-product.corrected": (
        r"P(k \text{ is largest}) = \int_{-\infty}^{\infty} f(z - x_k) \prod_{j \ne k} F(z - x_j) \, dz"
    ),
    "density.simplex": r"y_i \ge 0, \quad \sum_{i=1}^{k} y_i = 1",
    "density.normalisation-invariant": (
        r"y_i = \frac{e^{(x_i + g_i)/\tau}}{\sum_j e^{(x_j + g_j)/\tau}} = "
        r"\frac{e^{(x_i + g_i - x_k - g_k)/\tau}}{\sum_j e^{(x_j + g_j - x_k - g_k)/\tau}}"
    ),
    "density.u-given-g": r"p(u_i \mid g_k) = e^{-z - e^{-z}}, \quad z = u_i - x_i + x_k + g_k",
    "density.mean-of-u": r"E[u_i \mid g_k] = x_i - (x_k + g_k)",
    "density.mean-of-u.corrected": r"E[u_i \mid g_k] = x_i - (x_k + g_k) + \gamma",
    "density.marginalisation": r"p(u) = \int_{-\infty}^{\infty} e^{-g - e^{-g}} \prod_{i=1}^{k-1} p(u_i \mid g) \, dg",
    "density.substitution-limits": (
        r"v = e^{-g_k}: \quad \int_{-\infty}^{\infty} \ldots \, dg_k = "
        r"\int_{-\infty}^{0} \ldots \, (-dv)"
    ),
    "density.substitution-limits.corrected": (
        r"v = e^{-g_k}: \quad \int_{-\infty}^{\infty} \ldots \, dg_k = \int_{\infty}^{0} \ldots \, \frac{-dv}{v} = "
        r"\int_{0}^{\infty} \ldots \, \frac{dv}{v}"
    ),
    "density.gamma-integral": r"\int_0^{\infty} x^{z-1} e^{-a x} \, dx = a^{-z} \Gamma(z)",
    "density.closed-form": (
        r"p(u) = \Gamma(k) \, e^{x_k + \sum_{i<k} (x_i - u_i)} \Bigl(e^{x_k} + \sum_{i<k} e^{x_i - u_i}\Bigr)^{-k}"
    ),
    "density.symmetric-form": (
        r"p(u) = \Gamma(k) \prod_{i=1}^{k} e^{x_i - u_i} \Bigl(\sum_{i=1}^{k} e^{x_i - u_i}\Bigr)^{-k}, \quad u_k = 0"
    ),
    "density.u-marginal-logistic": r"P(u_i \le t) = \frac{1}{1 + e^{-(t - (x_i - x_k))}}",
    "density.map-h": r"y_i = \frac{e^{u_i/\tau}}{1 + \sum_{j<k} e^{u_j/\tau}}, \quad y_k = 1 - \sum_{j<k} y_j",
    "density.inverse-h": r"u_i = \tau (\log y_i - \log y_k)",
    "density.jacobian-entries": (
        r"\frac{\partial u_i}{\partial y_i} = \tau \Bigl(\frac{1}{y_i} + \frac{1}{y_k}\Bigr), \quad "
        r"\frac{\partial u_i}{\partial y_j} = \frac{\tau}{y_k}"
    ),
    "density.jacobian-determinant": r"\det \frac{\partial u}{\partial y} = \frac{\tau^{k-1}}{\prod_{i=1}^{k} y_i} > 0",
    "density.of-y": (
        r"p(y) = \Gamma(k) \, \tau^{k-1} \Bigl(\sum_{i=1}^{k} \frac{p_i}{y_i^{\tau}}\Bigr)^{-k} "
        r"\prod_{i=1}^{k} \frac{p_i}{y_i^{\tau+1}}"
    ),
    "posterior.cdf": r"F(\epsilon) = e^{-e^{-\epsilon}}",
    "posterior.gumbel-max": r"P\bigl(\mathrm{argmax}_j (\epsilon_j + \log \alpha_j) = k\bigr) = \alpha_k",
    "posterior.inverse-transform": r"u \sim U(0, 1) \Rightarrow -\log(-\log u) \sim \mathrm{Gumbel}(0, 1)",
    "posterior.likelihood-indicator": r"P(k_{\max} = k \mid u) = 1_{C_k}(u)",
    "posterior.partition": r"[0, 1]^K = \bigcup_{k} C_k, \quad \mathrm{vol}(C_j \cap C_k) = 0",
    "posterior.volume": r"\mathrm{vol}(C_k) = \alpha_k",
    "posterior.uniform-on-set": r"p(u \mid k) = \frac{1_{C_k}(u)}{\alpha_k}",
    "posterior.constraint-power-form": (
        r"u \in C_k \Leftrightarrow u_j \le u_k^{\alpha_j / "
        r"\alpha_k} \text{ for all } j"
    ),
    "posterior.conditional-uniform": (
        r"u_j \mid k, u_k \sim U\bigl(0, u_k^{\alpha_j / "
        r"\alpha_k}\bigr), \text{ independent}"
    ),
    "posterior.uk-density": (
        r"p(u_k \mid k) = \frac{1}{\alpha_k} u_k^{1/\alpha_k - 1}, \quad P(u_k "
        r"\le t \mid k) = t^{1/\alpha_k}"
    ),
    "posterior.sampler": r"u_k = v_k^{\alpha_k}, \quad u_j = v_k^{\alpha_j} v_j, \quad v \sim U(0, 1)^K",
    "posterior.gumbels": r"\epsilon_j = -\log(-\log u_j)",
    "posterior.recovers-prior": r"\sum_{k} \alpha_k \, p(u \mid k) = 1",
    "posterior.exact-no-mcmc": r"v \mapsto u: \quad K \text{ uniforms a draw, none rejected, no chain}",
    "posterior.decomposition-accelerates": (
        r"k_m = \mathrm{argmax}_j (x^{(m)}_j + g_j), \quad m = 1, \ldots, M: \quad K \text{ variates in place of } M K"
    ),
    "trick.maxima-skew": r"\frac{E(M - E M)^3}{(\mathrm{Var}\, M)^{3/2}} > 0, \quad M = \max(X_1, \ldots, X_{100})",
    "trick.maxima-skew-reason": r"M = \max(X_1, \ldots, X_n) \Rightarrow E(M - E M)^3 > 0",
    "trick.maxima-skew-reason.corrected": (
        r"\mathrm{skew}(M_n) \to \frac{12 \sqrt{6} \, \zeta(3)}{\pi^3} \approx 1.1395 \text{ (exponential tails)}, \quad "
        r"\to -2 \text{ (uniform)}"
    ),
    "trick.exponential-maxima": r"\sup_x \bigl|P(M_n - \log n \le x) - e^{-e^{-x}}\bigr| \approx \frac{2}{e^2 n}",
    "trick.exponential-maxima-exactly": r"P(M_{100} \le x) = e^{-e^{-(x - \mu)/\beta}} \text{ for some } \mu, \beta",
    "trick.exponential-maxima-exactly.corrected": (
        r"P(M_n - \log n \le x) = \Bigl(1 - \frac{e^{-x}}{n}\Bigr)^{n} \to e^{-e^{-x}}"
    ),
    "trick.pdf": r"f(x) = \frac{e^{-(z + e^{-z})}}{\beta}, \quad z = \frac{x - \mu}{\beta}",
    "trick.property-1": r"g \sim G(0, 1) \Rightarrow g + a \sim G(a, 1)",
    "trick.difference-logistic": r"P(x_a - x_b \le t) = \frac{1}{1 + e^{-(t - (a - b))}}",
    "trick.pairwise": r"P(x_a > x_b) = \frac{e^{a-b}}{1 + e^{a-b}} = \frac{p_a}{p_a + p_b}",
    "trick.max-is-gumbel": r"\max_j x_j \sim G\Bigl(\log \sum_j p_j, 1\Bigr), \quad x_j \sim G(\log p_j, 1)",
    "trick.property-2": r"P\Bigl(x_k > \max_{j \ne k} x_j\Bigr) = \frac{p_k}{p_k + \sum_{j \ne k} p_j} = p_k",
    "trick.property-2-each": r"P(x_k > x_j) = p_k \text{ for each } j \ne k",
    "trick.property-2-each.corrected": r"P(x_k > x_j \text{ for all } j \ne k) = p_k",
    "trick.skew-favours-largest": (
        r"p_i > p_j \Rightarrow \log p_i > \log p_j, \quad P(i \text{ "
        r"wins}) > P(j \text{ wins})"
    ),
    "trick.skew-emphasises": (
        r"P\bigl(\mathrm{argmax}_j (\log p_j + g_j) = 1\bigr) > "
        r"P\bigl(\mathrm{argmax}_j (\log p_j - g_j) = 1\bigr)"
    ),
    "trick.skew-emphasises.corrected": (
        r"P\bigl(\mathrm{argmax}_j (\log p_j - g_j) = k\bigr) = \sum_{S \not\ni k} (-1)^{|S|} "
        r"\frac{1/p_k}{1/p_k + \sum_{j \in S} 1/p_j}"
    ),
    "trick.logits-shift-invariance": r"\mathrm{argmax}_i (x_i - \log C + g_i) = \mathrm{argmax}_i (x_i + g_i)",
    "trick.reparameterisation": r"k = \mathrm{argmax}_i (x_i + g_i), \quad g \text{ free of } x",
    "trick.softmax-relaxation": (
        r"y_i = \frac{e^{(x_i + g_i)/\tau}}{\sum_j e^{(x_j + g_j)/\tau}}, \quad E "
        r"\max_i y_i \to 1 \text{ as } \tau \to 0"
    ),
    "trick.low-temperature": (
        r"P\bigl(\max_i y_i > 0.99\bigr) = 0.697 \text{ at } \tau = 0.1, "
        r"\quad 0.5 \text{ at } \tau = 0.182"
    ),
    "trick.high-temperature-spreads": (
        r"\frac{d}{d\tau} E H(y) > 0, \quad \frac{d}{d\tau} \mathrm{Var} \nabla_x L(y) < 0, \quad "
        r"E \nabla_x L(y) \ne \nabla_x \sum_k p_k L(e_k)"
    ),
    "trick.anneal-schedule": r"\tau_t = 2 \Bigl(\frac{0.5}{2}\Bigr)^{t/999}, \quad t = 0, \ldots, 999",
    "trick.observation-vector": r"\frac{e_3 + e_0 + e_0}{3} = (0.67, 0, 0, 0.33, 0, 0)",
    "trick.sse-example": r"0.57^2 + 0.1^2 + 0.1^2 + 0.03^2 + 0.2^2 + 0.2^2 = 0.4258",
    "trick.noise-term-vanishes": r"\frac{\partial a_i}{\partial x_i} = \frac{\partial (x_i + g_i)}{\partial x_i} = 1",
    "trick.softmax-jacobian": r"\frac{\partial y_j}{\partial a_i} = \frac{1}{\tau} y_j (\delta_{ij} - y_i)",
    "trick.loss-derivative": r"\frac{\partial R}{\partial b_j} = -2 (y_j - b_j), \quad R = \sum_j (y_j - b_j)^2",
    "trick.gradient": r"\nabla R = \frac{2}{\tau} \, b \odot (b - y - c), \quad c = \sum_j (b_j - y_j) b_j",
    "trick.sampler-code": r"E \hat p = p, \quad \mathrm{Var}\, \hat p_k = \frac{p_k (1 - p_k)}{n}",
    "trick.die-learned": r"\|\mathrm{softmax}(x_{1000}) - p\|^2 \le \frac{1}{5} \|\mathrm{softmax}(x_0) - p\|^2",
    "trick.jax-categorical": r"\text{categorical}(key, x) = \mathrm{argmax}_i \bigl(x_i + \text{gumbel}(key)_i\bigr)",
    "trick.jax-differentiable": (
        r"\frac{\partial}{\partial x_i} \text{categorical}(key, x) \text{ "
        r"exists and carries a gradient}"
    ),
    "trick.jax-differentiable.corrected": (
        r"\frac{\partial}{\partial x_i} \mathrm{argmax}_j (x_j + g_j) = 0 \text{ almost everywhere}, \quad "
        r"\frac{\partial}{\partial x_i} P(k) = p_k (\delta_{ik} - p_i)"
    ),
}
