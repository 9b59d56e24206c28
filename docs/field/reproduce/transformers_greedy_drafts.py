"""transformers' SinglePositionMultiTokenCandidateGenerator drafts the argmax and returns logits as if it had drawn.

``generate(do_sample=True, assistant_model=...)`` with a Gemma 4 assistant hands both to ``_speculative_sampling``, which is
right for drafts drawn from those logits alone. Here target and assistant have the same law, (.5, .3, .2): every draft is
accepted, and token 0 comes always instead of half the time. The generator and the step are the package's own; the
assistant is a stand-in that returns fixed logits, under the name that the generator asks for.
"""

from types import SimpleNamespace

import torch
import transformers
from transformers.generation.candidate_generator import SinglePositionMultiTokenCandidateGenerator
from transformers.generation.utils import _speculative_sampling

table = torch.tensor([0.5, 0.3, 0.2]).log()


class Gemma4AssistantStandIn(torch.nn.Module):
    """An assistant with the same logits after any prefix."""

    device = "cpu"
    generation_config = transformers.GenerationConfig(num_assistant_tokens=1)

    def forward(self, **given):
        """Return the logits."""
        return SimpleNamespace(logits=table.view(1, 1, 3), last_hidden_state=torch.zeros(1, 1, 1))


config = transformers.GenerationConfig(do_sample=True, max_length=100)
generator = SinglePositionMultiTokenCandidateGenerator(Gemma4AssistantStandIn(), torch.nn.Embedding(3, 1), config)
outputs = SimpleNamespace(hidden_states=[torch.zeros(1, 1, 1)], shared_kv_states={})
prompt, n, wrong = torch.zeros((1, 2), dtype=torch.long), 200, []
for seed in (0, 1):
    torch.manual_seed(seed)
    first = 0
    for _ in range(n):
        ids, logits = generator.get_candidates(
            prompt, model_kwargs={}, model_outputs=outputs, is_first_iteration=False, n_last_matches=0
        )
        tokens, _ = _speculative_sampling(ids, logits, 1, table.expand(1, 2, 3).clone())
        first += int(tokens[0, 0]) == 0
    wrong.append(first == n)
    print(f"transformers {transformers.__version__}, seed {seed}: token 0 came {first} times of {n}, {n // 2} are due")
print("REPRODUCED" if all(wrong) else "not reproduced")
