

# Steps that make `loss()` of `parameters` smaller, timed: loss, gradients, AdamW.
import time

optimizer = torch.optim.AdamW(
    parameters, lr=1e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1
)


def step():
    start = time.perf_counter()
    optimizer.zero_grad()
    loss().backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    return time.perf_counter() - start


step()
json.dump(
    {
        "seconds": [step() for _ in range(work["repeats"])],
        "threads": torch.get_num_threads(),
        "version": torch.__version__,
    },
    sys.stdout,
)
