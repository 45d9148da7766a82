"""Starting weights that depend on each other: the matrix is designed, not each weight."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradstudio.nn.distributions import normal_density
from gradstudio.nn.initializer import Atoms, Bound, Floats, Initializer, Place


@dataclass(frozen=True)
class Orthogonal(Initializer):
    """Orthogonal rows or columns, whichever are fewer; all singular values are the gain.

    QR of a normal matrix with the signs of the diagonal of R taken out.

    References
    ----------
    Saxe et al. 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks".
    """

    def _draw(self, at: Place, rng: np.random.Generator) -> Floats:
        tall = rng.standard_normal((at.larger, min(at.fan_in, at.fan_out)))
        Q, R = np.linalg.qr(tall)
        Q *= np.where(np.diagonal(R) < 0, -at.gain, at.gain)
        return np.ascontiguousarray(Q if at.fan_in >= at.fan_out else Q.T)

    def _std(self, at: Place) -> float:
        return at.gain / math.sqrt(at.larger)

    def _bound(self, at: Place) -> Bound | None:
        return at.gain

    def _atoms(self, at: Place) -> Atoms:
        return ((-at.gain, 0.5), (at.gain, 0.5)) if at.larger == 1 else ()

    def _density(self, x: Floats, at: Place) -> Floats | None:
        """Return the density of one coordinate of a point on a sphere in n dimensions.

        Proportional to (1 - x^2)^((n - 3)/2) on the unit sphere, with n the larger fan.
        """
        n, gain = at.larger, at.gain
        if n == 1:
            return None
        log_scale = math.lgamma(n / 2) - math.lgamma((n - 1) / 2) - 0.5 * math.log(math.pi)
        inside = np.abs(x) < gain
        room = np.where(inside, 1 - np.square(x / gain), 1.0)
        return np.where(inside, np.exp(log_scale + (n - 3) / 2 * np.log(room)) / gain, 0.0)

    def _numbers(self, at: Place) -> str:
        top = f"{at.gain:.3g}"
        return rf"\sigma={top}/\sqrt{{\max({at.fan_in},{at.fan_out})}}={self._std(at):.3g}"


@dataclass(frozen=True)
class Lsuv(Orthogonal):
    """Orthonormal, then divided by the standard deviation of z on training data, layer by layer.

    What is said here is true of the draw; `gradstudio.nn.lsuv` divides.

    References
    ----------
    Mishkin & Matas 2016, "All you need is a good init".
    """

    def _numbers(self, at: Place) -> str:
        return rf"\sigma={self._std(at):.3g}/\sqrt{{\mathrm{{Var}}(z)}}"


@dataclass(frozen=True)
class Identity(Initializer):
    """The gain on the diagonal, 0 elsewhere."""

    def _draw(self, at: Place, rng: np.random.Generator) -> Floats:
        return at.gain * np.eye(at.fan_in, at.fan_out)

    def _std(self, at: Place) -> float:
        share = 1 / at.larger
        return at.gain * math.sqrt(share * (1 - share))

    def _mean(self, at: Place) -> float:
        return at.gain / at.larger

    def _bound(self, at: Place) -> Bound | None:
        return 0.0, at.gain

    def _atoms(self, at: Place) -> Atoms:
        share = 1 / at.larger
        return ((0.0, 1 - share), (at.gain, share)) if share < 1 else ((at.gain, 1.0),)

    def _numbers(self, at: Place) -> str:
        ones = min(at.fan_in, at.fan_out)
        return rf"w_{{ii}}={at.gain:.3g},\;i\leq{ones};\;\text{{else }}0"


@dataclass(frozen=True)
class Sparse(Initializer):
    """N(0, ``std``^2), with ceil(``sparsity`` fan_in) zeros among the weights of every unit."""

    def _zeros(self, at: Place) -> int:
        # 0.07 * 100 is 7.000000000000001: what is 7 but for rounding stays 7
        return math.ceil(at.given["sparsity"] * at.fan_in - 1e-9)

    def _draw(self, at: Place, rng: np.random.Generator) -> Floats:
        shape = (at.fan_in, at.fan_out)
        W = rng.normal(0.0, at.given["std"], shape)
        rows = rng.random(shape).argsort(axis=0)[: self._zeros(at)]
        np.put_along_axis(W, rows, 0.0, axis=0)
        return W

    def _std(self, at: Place) -> float:
        return at.given["std"] * math.sqrt(1 - self._zeros(at) / at.fan_in)

    def _atoms(self, at: Place) -> Atoms:
        zeros = self._zeros(at)
        return ((0.0, zeros / at.fan_in),) if zeros else ()

    def _density(self, x: Floats, at: Place) -> Floats | None:
        share = 1 - self._zeros(at) / at.fan_in
        return share * normal_density(x, at.given["std"]) if share else None

    def _numbers(self, at: Place) -> str:
        return (
            rf"{self._zeros(at)}\text{{ of }}{at.fan_in}\text{{ zero}},\;"
            rf"\sigma={self._std(at):.3g}"
        )


@dataclass(frozen=True)
class IdenticalUnits(Initializer):
    """He normal for the first unit, and the same weights for every other."""

    def _std(self, at: Place) -> float:
        return math.sqrt(2 / at.fan_in)

    def _draw(self, at: Place, rng: np.random.Generator) -> Floats:
        return np.repeat(rng.normal(0.0, self._std(at), (at.fan_in, 1)), at.fan_out, axis=1)

    def _density(self, x: Floats, at: Place) -> Floats | None:
        return normal_density(x, self._std(at))

    def _numbers(self, at: Place) -> str:
        return rf"\sigma=\sqrt{{2/{at.fan_in}}}={self._std(at):.3g},\;{at.fan_out}\text{{ times}}"
