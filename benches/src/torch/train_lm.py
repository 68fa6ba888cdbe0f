"""The loss of a language model; `timing.py` goes on from here."""

import json
import sys

import torch
import torch.nn.functional as F

work = json.loads(sys.argv[1])
torch.set_num_threads(work["threads"])
torch.manual_seed(0)
hidden, head_dim, ffn = work["hidden"], work["head_dim"], work["ffn"]
heads, kv_heads = work["heads"], work["kv_heads"]
windows, length = work["windows"], work["predicted"]


def matrix(*shape):
    return torch.nn.Parameter(0.02 * torch.randn(*shape))


def ones():
    return torch.nn.Parameter(torch.ones(hidden))


def layer():
    return {
        "norm": ones(),
        "qkv": matrix((heads + 2 * kv_heads) * head_dim, hidden),
        "out": matrix(hidden, heads * head_dim),
        "ffn_norm": ones(),
        "gate": matrix(ffn, hidden),
        "up": matrix(ffn, hidden),
        "down": matrix(hidden, ffn),
    }


embedding = matrix(work["rows"], hidden)
layers = [layer() for _ in range(work["layers"])]
last_norm = ones()
parameters = [embedding, last_norm] + [p for one in layers for p in one.values()]

half = head_dim // 2
frequencies = work["theta"] ** (-2 * torch.arange(half, dtype=torch.float64) / head_dim)
angles = torch.arange(length)[:, None] * frequencies
cos = torch.cat([angles.cos()] * 2, -1).float()
sin = torch.cat([angles.sin()] * 2, -1).float()


def rotate(x):
    turned = torch.cat([-x[..., half:], x[..., :half]], -1)
    return x * cos + turned * sin


def norm(x, weight):
    return F.rms_norm(x, (hidden,), weight, work["epsilon"])


def split(x, n):
    return x.view(windows, length, n, head_dim).transpose(1, 2)


tokens = torch.randint(3, 4099, (windows, length + 1))
tokens[:, 0] = 0


def loss():
    x = F.embedding(tokens[:, :-1], embedding)
    for one in layers:
        qkv = F.linear(norm(x, one["norm"]), one["qkv"])
        sizes = [heads * head_dim, kv_heads * head_dim, kv_heads * head_dim]
        q, k, v = qkv.split(sizes, -1)
        q, k, v = rotate(split(q, heads)), rotate(split(k, kv_heads)), split(v, kv_heads)
        seen = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        seen = seen.transpose(1, 2).reshape(windows, length, heads * head_dim)
        x = x + F.linear(seen, one["out"])
        normed = norm(x, one["ffn_norm"])
        gated = F.silu(F.linear(normed, one["gate"])) * F.linear(normed, one["up"])
        x = x + F.linear(gated, one["down"])
    logits = F.linear(norm(x, last_norm), embedding)
    return F.cross_entropy(logits.view(-1, work["rows"]), tokens[:, 1:].reshape(-1))
