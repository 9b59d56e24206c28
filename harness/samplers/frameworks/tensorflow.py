"""TensorFlow's samplers on the CPU, each with logits rounded to its dtype."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.frameworks.framework import Framework, seed_from

TENSORFLOW = Framework("tensorflow", "tensorflow")
ALL = ("float32", "float64", "bfloat16", "float16")


@lru_cache(maxsize=1)
def load() -> Any:
    """Return TensorFlow with one thread, as all cores have workers of their own, and without its words on starting."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    return tensorflow


@TENSORFLOW.sampler("tensorflow-categorical", emits="index", dtypes=ALL, cost="draw")
def categorical(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with tf.random.categorical, seeded by tf.random.set_seed."""
    tf = load()
    tf.random.set_seed(seed_from(rng))
    return tf.random.categorical(tf.constant(logits[np.newaxis], dtype), size).numpy()[0]


@TENSORFLOW.sampler("tensorflow-stateless", emits="index", dtypes=ALL, cost="draw")
def stateless(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with tf.random.stateless_categorical."""
    tf = load()
    seed = tf.constant([seed_from(rng), seed_from(rng)], "int64")
    return tf.random.stateless_categorical(tf.constant(logits[np.newaxis], dtype), size, seed).numpy()[0]


@TENSORFLOW.sampler("tensorflow-batch", emits="index", dtypes=("float32",), batch=True, cost="draw")
def batch(logits: Floats, size: int, *, rng: np.random.Generator) -> Any:
    """Draw with tf.random.categorical from a row of logits for each request."""
    tf = load()
    tf.random.set_seed(seed_from(rng))
    return tf.random.categorical(tf.constant(logits, "float32"), size).numpy().T
