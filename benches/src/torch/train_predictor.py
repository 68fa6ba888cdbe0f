"""The loss of a causal predictor; `timing.py` goes on from here."""

import json
import sys

import torch
import torch.nn.functional as F

work = json.loads(sys.argv[1])
torch.set_num_threads(work["threads"])
torch.manual_seed(0)
d, d_state, d_action = work["d_hidden"], work["d_state"], work["d_action"]
heads, ffn, layers = work["heads"], work["ffn"], work["layers"]
batch, edits = work["batch"], work["edits"]
tokens, d_head = edits + 1, d // heads


def linear(from_width, to_width):
    layer = torch.nn.Linear(from_width, to_width)
    torch.nn.init.trunc_normal_(layer.weight, std=from_width**-0.5)
    return layer


half = d_head // 2
frequencies = 10_000.0 ** (-2 * torch.arange(half, dtype=torch.float64) / d_head)
angles = torch.arange(tokens)[:, None] * frequencies
cos, sin = angles.cos().float(), angles.sin().float()


def turn(x):
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.ffn_norm = torch.nn.LayerNorm(d), torch.nn.LayerNorm(d)
        self.qkv, self.out = linear(d, 3 * d), linear(d, d)
        self.up, self.down = linear(d, ffn), linear(ffn, d)

    def forward(self, x):
        qkv = self.qkv(self.norm(x)).view(batch, tokens, 3 * heads, d_head).transpose(1, 2)
        q, k, v = qkv.split(heads, 1)
        seen = F.scaled_dot_product_attention(turn(q), turn(k), v, is_causal=True)
        x = x + self.out(seen.transpose(1, 2).reshape(batch, tokens, d))
        return x + self.down(F.gelu(self.up(self.ffn_norm(x))))


class Predictor(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.state, self.action = linear(d_state, d), linear(d_action, d)
        self.kinds = torch.nn.Parameter(0.02 * torch.randn(2, d))
        self.blocks = torch.nn.ModuleList(Block() for _ in range(layers))
        self.last_norm, self.inner = torch.nn.LayerNorm(d), linear(d, d)
        self.read_norm, self.outer = torch.nn.LayerNorm(d), torch.nn.Linear(d, d_state)
        torch.nn.init.zeros_(self.outer.weight)

    def forward(self, source, actions):
        first = self.state(source)[:, None] + self.kinds[0]
        x = torch.cat([first, self.action(actions) + self.kinds[1]], 1)
        for block in self.blocks:
            x = block(x)
        hidden = self.read_norm(F.gelu(self.inner(self.last_norm(x[:, 1:]))))
        moved = self.outer(hidden) + source[:, None]
        return moved / moved.square().sum(2, keepdim=True).sqrt().clamp_min(1e-12)


def rows(*shape):
    return (torch.rand(*shape) * 2 - 1) * (3 / shape[-1]) ** 0.5


source, actions = rows(batch, d_state), rows(batch, edits, d_action)
target = rows(batch, edits, d_state)
model = Predictor()
parameters = list(model.parameters())


def loss():
    missed = (model(source, actions) - target).square().sum(2)
    change = (target - source[:, None]).square().sum(2).clamp_min(1e-6)
    return (missed / change).mean()
