"""Forward pass and backpropagation of one layer as formulas (TeX), with all that it has beside."""

from __future__ import annotations

from gradstudio.setup.models import LayerSetup, NetworkSetup

PLAIN_FORWARD = r"z=aW+b,\quad a=\varphi(z)"
PLAIN_BACKWARD = r"\delta^{l}=\varphi^{\prime}(z^{l})\odot\delta^{l+1}W^{l+1\,T}"
PLAIN_GRADIENT = r"\frac{\partial L}{\partial W^{l}}=a^{l-1\,T}\,\delta^{l}"
FACTORS = {"scaled": r"c\,", "rezero": r"c\,", "fixup": r"c\,"}


def forward_formula(network: NetworkSetup, layer: int) -> str:
    """From what comes in to what a 0-based layer hands on.

    N is a normalisation, m the mask of dropout, o what a layer hands on, c the factor of a branch.
    """
    if layer >= len(network.layers) or not _has_structure(network.layers[layer]):
        return PLAIN_FORWARD
    has = network.layers[layer]
    u = r"\mathrm{N}(aW+b)" if has.normalisation != "none" else "z"
    start = rf"a=\varphi({u})" if u != "z" else r"z=aW+b,\; a=\varphi(z)"
    branch = r"m\odot a" if has.dropout else "a"
    if has.residual != "none":
        factor = FACTORS.get(has.residual, "")
        branch = f"o^{{l-{has.span}}}+{factor}{branch}"
    return start if branch == "a" else rf"{start},\; o={branch}"


def backward_formula(network: NetworkSetup, layer: int) -> str:
    """From the deltas of the layers after a 0-based layer to its own.

    A shortcut that begins here adds the gradient G of the output of the layer it ends at.
    """
    plain = layer >= len(network.layers) or not _has_structure(network.layers[layer])
    ends = shortcuts_from(network, layer)
    if plain and not ends:
        return PLAIN_BACKWARD
    arriving = r"\delta^{l+1}W^{l+1\,T}" + "".join(f"+G^{{{end + 1}}}" for end in ends[:2])
    arriving += r"+\ldots" if len(ends) > 2 else ""
    if plain:
        return rf"\delta^{{l}}=\varphi^{{\prime}}(z^{{l}})\odot({arriving})"
    has = network.layers[layer]
    inner = rf"({arriving})" if ends else arriving
    inner = (r"m\odot " if has.dropout else "") + FACTORS.get(has.residual, "") + inner
    if has.normalisation == "none":
        return rf"\delta^{{l}}=\varphi^{{\prime}}(z^{{l}})\odot {inner}"
    return rf"\delta^{{l}}=\mathrm{{N}}^{{\prime\,T}}[\varphi^{{\prime}}\odot {inner}]"


def gradient_formula(network: NetworkSetup, layer: int) -> str:
    """From what comes in to a 0-based layer and its delta to the gradient of its weights."""
    if layer == 0:
        return PLAIN_GRADIENT
    before = network.layers[layer - 1]
    is_plain = before.residual == "none" and before.dropout == 0
    return PLAIN_GRADIENT if is_plain else PLAIN_GRADIENT.replace("a^{l-1", "o^{l-1")


def shortcuts_from(network: NetworkSetup, layer: int) -> list[int]:
    """Return the 0-based layers at which shortcuts end that begin behind a layer."""
    return [
        end
        for end, has in enumerate(network.layers)
        if has.residual != "none" and end - has.span == layer
    ]


def _has_structure(layer: LayerSetup) -> bool:
    return layer.normalisation != "none" or layer.residual != "none" or layer.dropout > 0
