"""Tiny random networks in folders of Hugging Face files, with a tokenizer of nine words."""

import json

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "card", "bank", "卡", "where", "##s"]
D, HEADS, WIDE, LAYERS, PLACES, PAD = 12, 3, 20, 2, 300, 1
KINDS = {"bert": "bert.", "roberta": "roberta.", "xlm-roberta": "roberta.", "mpnet": "mpnet.", "mpnet bare": ""}
TEXTS = {"card": [2, 4, 3], "where bank cards 卡": [2, 7, 5, 4, 8, 6, 3], "": [2, 3], "cards": [2, 4, 8, 3]}


def names(kind):
    """Weights and their sizes, as Hugging Face names them."""
    tables = [("word", len(WORDS)), ("position", PLACES)]
    tables += [("token_type", 2 if kind == "bert" else 1)] if kind != "mpnet" else []
    out = {f"embeddings.{name}_embeddings.weight": (n, D) for name, n in tables}
    q, k, v, o, norm = (
        ("attn.q", "attn.k", "attn.v", "attn.o", "LayerNorm")
        if kind == "mpnet"
        else ("self.query", "self.key", "self.value", "output.dense", "output.LayerNorm")
    )
    linear = {f"attention.{each}": (D, D) for each in (q, k, v, o)}
    linear |= {"intermediate.dense": (WIDE, D), "output.dense": (D, WIDE)}
    norms = ["embeddings.LayerNorm"]
    for i in range(LAYERS):
        for name, dims in linear.items():
            out[f"encoder.layer.{i}.{name}.weight"] = dims
            out[f"encoder.layer.{i}.{name}.bias"] = dims[:1]
        norms += [f"encoder.layer.{i}.attention.{norm}", f"encoder.layer.{i}.output.LayerNorm"]
    for name in norms:
        out[f"{name}.weight"] = out[f"{name}.bias"] = (D,)
    if kind == "mpnet":
        out["encoder.relative_attention_bias.weight"] = (32, HEADS)
    return out


def make(home, kind, prefix):
    """A folder with a tiny random network and its tokenizer."""
    rng = np.random.default_rng(0)
    save_file(
        {f"{prefix}{name}": rng.normal(size=dims).astype(np.float32) * 0.5 for name, dims in names(kind).items()},
        home / "model.safetensors",
    )
    config = {"model_type": kind, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "hidden_size": D}
    config |= {"max_position_embeddings": PLACES, "layer_norm_eps": 1e-12, "pad_token_id": 0 if kind == "bert" else PAD}
    (home / "config.json").write_text(json.dumps(config))
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(home / "tokenizer.json"))
    return home
