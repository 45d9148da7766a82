"""Mean-field theory against published points, closed forms and plain iteration."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradstudio.nn.activations import ACTIVATIONS, leaky_relu
from gradstudio.nn.theory import (
    chi,
    correlation_map,
    critical_line,
    depth_scale,
    fixed_correlation,
    fixed_point,
    gradient_factor,
    length_map,
    trainable_depth,
    xi_c,
    xi_q,
)

BIAS_VARIANCES = (0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0)
CRITICAL = {
    "tanh": (
        (1.189190, 0.107292),
        (1.424205, 0.273301),
        (1.760955, 0.570048),
        (1.986073, 0.805799),
        (2.285152, 1.164496),
        (2.843167, 1.971031),
        (3.443211, 3.036396),
    ),
    "erf": (
        (0.932583, 0.102481),
        (1.114280, 0.253210),
        (1.375839, 0.517177),
        (1.552118, 0.726359),
        (1.788180, 1.045933),
        (2.233660, 1.772061),
        (2.718381, 2.744891),
    ),
    "softsign": (
        (1.655039, 0.040891),
        (2.288770, 0.153958),
        (3.141247, 0.412183),
        (3.694134, 0.641938),
        (4.415312, 1.013078),
        (5.731461, 1.894062),
        (7.115141, 3.098322),
    ),
    "hard_tanh": (
        (1.008471, 0.143968),
        (1.052053, 0.259139),
        (1.165514, 0.463840),
        (1.263395, 0.632148),
        (1.410601, 0.897194),
        (1.717274, 1.522338),
        (2.072689, 2.387794),
    ),
    "lecun_tanh": (
        (0.873543, 0.177518),
        (1.007378, 0.436821),
        (1.196234, 0.876219),
        (1.320924, 1.211732),
        (1.484990, 1.706981),
        (1.787207, 2.776882),
        (2.107924, 4.133344),
    ),
}
LIMITS = {
    "linear": (1.0, 0.0),
    "tanh": (1.0, 0.0),
    "relu": (2.0, 0.0),
    "leaky_relu": (2 / 1.0001, 0.0),
    "elu": (1.0, 0.0),
    "softsign": (1.0, 0.0),
    "hard_tanh": (1.0, 0.0),
    "erf": (math.pi / 4, 0.0),
    "lecun_tanh": (1 / 1.143933**2, 0.0),
    "selu": (2 / 1.0507009873554805**2 / (1 + 1.6732632423543772**2), 0.0),
}
"""The critical line at sigma_b = 0."""
R = math.sqrt
POINTS = [
    # sigma_w, sigma_b, q*, chi, root of chi, xi_q, c*, xi_c
    (1.3, 0.3, 0.607047, 0.939807, 0.96944, 1.338, 1, 16.108),
    (2.5, 0.3, 4.079124, 1.585225, 1.25906, 0.688, 0.122105, 5.109),
    (1, R(0.05), 0.193593, 0.759032, 0.87122, 1.748, 1, 3.627),
    (R(1.3), R(0.05), 0.315316, 0.880164, 0.93817, 1.785, 1, 7.834),
    (R(2.5), R(0.05), 1.063958, 1.133516, 1.06467, 1.180, 0.446804, 11.796),
    (2, R(0.05), 2.195494, 1.342402, 1.15862, 0.873, 0.165065, 6.980),
    (5 / 3, 0, 1.178480, 1.209831, 1.09992, 1.188, 0, 12.118),
    (R(2), 0, 0.617965, 1.105529, 1.05144, 1.686, 0, 21.724),
    (2, 0, 2.121474, 1.362673, 1.16734, 0.904, 0, 7.980),
    (1 / R(3), 0, 0, 1 / 3, 0.57735, 0.910, 1, 0.910),
]


@pytest.mark.parametrize("name", CRITICAL)
def test_the_critical_line_goes_through_known_points(name: str) -> None:
    # those of hard tanh were found with a rule that ran across its corners
    slack = 1e-4 if name == "hard_tanh" else 1.2e-6
    for bias_variance, (weight_variance, q) in zip(BIAS_VARIANCES, CRITICAL[name], strict=True):
        point = critical_line(name, bias_variance)
        assert point is not None
        assert point.weight_variance == pytest.approx(weight_variance, abs=slack)
        assert point.q == pytest.approx(q, abs=1.3 * slack)


@pytest.mark.parametrize("bias_variance", BIAS_VARIANCES)
def test_the_critical_line_of_erf_has_a_closed_form(bias_variance: float) -> None:
    point = critical_line("erf", bias_variance)
    assert point is not None
    root = R(1 + 4 * point.q)
    mean_square = 2 / math.pi * math.asin(2 * point.q / (1 + 2 * point.q))
    assert point.weight_variance == pytest.approx(math.pi / 4 * root, rel=1e-12)
    assert point.q - point.weight_variance * mean_square == pytest.approx(bias_variance, rel=1e-9)


@pytest.mark.parametrize("name", LIMITS)
def test_without_biases_the_critical_line_ends_at_small_signals(name: str) -> None:
    point = critical_line(name, 0.0)
    assert point is not None
    assert point == pytest.approx(LIMITS[name], rel=1e-6)
    gain = ACTIVATIONS[name].gain
    assert name == "selu" or point.weight_variance == pytest.approx(gain**2, rel=1e-9)


def test_the_sigmoid_is_critical_at_large_weights_only() -> None:
    point = critical_line("sigmoid", 0.0)
    assert point is not None
    assert R(point.weight_variance) == pytest.approx(10.1493, abs=6e-5)
    assert point.q == pytest.approx(45.62, abs=6e-3)
    assert gradient_factor("sigmoid", 10.1493, 0.0) == pytest.approx(1.0, abs=2e-6)


@pytest.mark.parametrize("name", ["softplus", "relu", "leaky_relu", "linear", "gelu", "silu"])
@pytest.mark.parametrize("bias_variance", [1e-12, 0.01, 0.1])
def test_some_activations_have_no_critical_point(name: str, bias_variance: float) -> None:
    assert critical_line(name, bias_variance) is None


@pytest.mark.parametrize("name", ["softplus", "gelu", "silu"])
def test_some_have_none_without_biases_either(name: str) -> None:
    assert critical_line(name, 0.0) is None


@pytest.mark.parametrize("phi", [*ACTIVATIONS.values(), leaky_relu(0.2)], ids=lambda p: p.name)
@pytest.mark.parametrize("bias_variance", [1e-4, 0.03, 0.8, 5.0])
def test_at_a_critical_point_the_gradient_stays_and_q_too(phi, bias_variance: float) -> None:
    point = critical_line(phi, bias_variance)
    if point is None:
        assert phi.name in ("linear", "relu", "leaky_relu", "softplus", "gelu", "silu")
        return
    sigma_w, sigma_b = R(point.weight_variance), R(bias_variance)
    assert length_map(phi, sigma_w, sigma_b, point.q) == pytest.approx(point.q, rel=1e-9)
    assert chi(phi, sigma_w, sigma_b, point.q) == pytest.approx(1.0, rel=1e-12)
    assert fixed_point(phi, sigma_w, sigma_b) == pytest.approx(point.q, rel=1e-6)
    assert chi(phi, 1.01 * sigma_w, sigma_b) > 1 > chi(phi, 0.99 * sigma_w, sigma_b)


@pytest.mark.parametrize(
    ("sigma_w", "sigma_b", "q", "slope", "factor", "length", "c", "correlation"), POINTS
)
def test_operating_points_of_tanh(
    sigma_w: float,
    sigma_b: float,
    q: float,
    slope: float,
    factor: float,
    length: float,
    c: float,
    correlation: float,
) -> None:
    assert fixed_point("tanh", sigma_w, sigma_b) == pytest.approx(q, abs=6e-7)
    assert chi("tanh", sigma_w, sigma_b) == pytest.approx(slope, abs=6e-7)
    assert gradient_factor("tanh", sigma_w, sigma_b) == pytest.approx(factor, abs=6e-6)
    assert xi_q("tanh", sigma_w, sigma_b) == pytest.approx(length, abs=6e-4)
    assert fixed_correlation("tanh", sigma_w, sigma_b) == pytest.approx(c, abs=2e-6)
    assert xi_c("tanh", sigma_w, sigma_b) == pytest.approx(correlation, abs=6e-4)
    assert trainable_depth("tanh", sigma_w, sigma_b) == pytest.approx(6 * correlation, abs=4e-3)


@pytest.mark.parametrize(
    ("sigma_w", "sigma_b", "q", "slope", "length"),
    [(4.0, 0.3, 12.604149, 2.367261, 0.490), (10.0, 0.0, 91.705, 5.544854, 0.322)],
)
def test_tanh_far_in_the_chaotic_phase(
    sigma_w: float, sigma_b: float, q: float, slope: float, length: float
) -> None:
    assert fixed_point("tanh", sigma_w, sigma_b) == pytest.approx(q, abs=6e-4)
    assert chi("tanh", sigma_w, sigma_b) == pytest.approx(slope, abs=6e-7)
    assert xi_q("tanh", sigma_w, sigma_b) == pytest.approx(length, abs=6e-4)
    c = fixed_correlation("tanh", sigma_w, sigma_b)
    assert c == pytest.approx(0.0297 if sigma_b else 0.0, abs=1e-4)
    assert correlation_map("tanh", sigma_w, sigma_b, c) == pytest.approx(c, abs=1e-10)


def test_at_the_critical_point_of_tanh_correlations_never_settle() -> None:
    sigma_w, sigma_b = R(1.760955), R(0.05)
    assert chi("tanh", sigma_w, sigma_b) == pytest.approx(1.0, abs=2e-7)
    assert xi_c("tanh", sigma_w, sigma_b) > 1e6
    assert fixed_correlation("tanh", sigma_w, sigma_b) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("name", ["tanh", "softsign", "hard_tanh", "elu"])
def test_signals_that_die_by_a_power_law_have_no_depth_scale(name: str) -> None:
    assert fixed_point(name, 1.0, 0.0) == 0.0
    assert chi(name, 1.0, 0.0) == pytest.approx(1.0, rel=1e-9)
    assert math.isinf(xi_q(name, 1.0, 0.0))
    assert math.isinf(xi_c(name, 1.0, 0.0))
    assert math.isinf(trainable_depth(name, 1.0, 0.0))


@pytest.mark.parametrize(
    ("name", "standard", "lecun", "he"),
    [
        ("linear", 1 / 3, 1, 2),
        ("sigmoid", 0.020008, 0.055721, 0.100977),
        ("tanh", 1 / 3, 1, 1.105529),
        ("relu", 1 / 6, 1 / 2, 1),
        ("leaky_relu", 0.16667, 0.50005, 1.0001),
        ("elu", 1 / 3, 1, None),
        ("selu", 0.69916, 1.071575, None),
        ("softsign", 1 / 3, 1, 1.04235),
        ("softplus", 0.086902, 0.288722, None),
        ("gelu", 1 / 12, 1 / 4, 1 / 2),
        ("silu", 1 / 12, 1 / 4, 1 / 2),
        ("erf", 0.424413, 1.0169, 1.19737),
    ],
)
def test_chi_of_the_usual_initializers(
    name: str, standard: float, lecun: float, he: float | None
) -> None:
    for variance, known in ((1 / 3, standard), (1.0, lecun), (2.0, he)):
        if known is not None:
            assert chi(name, R(variance), 0.0) == pytest.approx(known, abs=1.6e-5)


@pytest.mark.parametrize(
    ("name", "variance", "q"),
    [
        ("sigmoid", 1 / 3, 0.0850),
        ("sigmoid", 1.0, 0.26469),
        ("sigmoid", 2.0, 0.5553),
        ("selu", 1.0, 1.0),
        ("erf", 1.0, 0.1419),
    ],
)
def test_fixed_points_of_the_usual_initializers(name: str, variance: float, q: float) -> None:
    assert fixed_point(name, R(variance), 0.0) == pytest.approx(q, abs=6e-5)


@pytest.mark.parametrize(
    ("name", "sigma_w", "sigma_b"),
    [
        ("relu", 1.5, 0.0),
        ("relu", R(2), 0.1),
        ("linear", 1.0, 0.1),
        ("leaky_relu", R(2), 0.0),
        ("selu", R(2), 0.0),
        ("elu", R(2), 0.0),
        ("softplus", R(2), 0.0),
    ],
)
def test_q_may_grow_without_end(name: str, sigma_w: float, sigma_b: float) -> None:
    assert math.isinf(fixed_point(name, sigma_w, sigma_b))
    assert math.isinf(xi_q(name, sigma_w, sigma_b))
    assert 0 < chi(name, sigma_w, sigma_b) < 2.3
    assert fixed_correlation(name, sigma_w, sigma_b) == 1.0


def test_q_may_stay_where_it_is() -> None:
    assert fixed_point("relu", R(2), 0.0) == pytest.approx(1.0)
    assert fixed_point("relu", R(2), 0.0, start=7.0) == pytest.approx(7.0)
    assert gradient_factor("relu", R(2), 0.0) == pytest.approx(1.0)


def test_where_q_goes_may_depend_on_where_it_starts() -> None:
    assert fixed_point("gelu", 1.45, 0.0, start=1e-2) == 0.0
    assert fixed_point("gelu", 1.45, 0.0, start=1e4) > 1e2


def test_weights_of_zero_leave_the_biases() -> None:
    assert fixed_point("tanh", 0.0, 0.5) == pytest.approx(0.25)
    assert fixed_point("sigmoid", 0.0, 0.0) == 0.0
    assert chi("relu", 0.0, 0.5) == 0.0
    assert xi_c("tanh", 0.0, 0.5) == 0.0


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_weights_beyond_all_bounds_give_numbers_still(name: str) -> None:
    for sigma_w in (1e20, 1e100, 1e200):
        assert fixed_point(name, sigma_w, 0.0) > 1e12
        assert gradient_factor(name, sigma_w, 0.0) > 1e3


@settings(max_examples=40)
@given(
    st.sampled_from(tuple(ACTIVATIONS.values())),
    st.floats(0.1, 6.0),
    st.floats(0.05, 2.0),
    st.floats(1e-3, 30.0),
)
def test_the_fixed_point_is_where_iteration_goes(phi, sigma_w, sigma_b, start: float) -> None:
    q = start
    for _ in range(400):
        q = length_map(phi, sigma_w, sigma_b, q)
        if q > 1e30:
            break
    found = fixed_point(phi, sigma_w, sigma_b, start)
    if q > 1e30:
        assert math.isinf(found)
    elif not math.isinf(found) and xi_q(phi, sigma_w, sigma_b) < 15:
        assert found == pytest.approx(q, rel=1e-6)


def test_the_correlation_of_relu_has_a_closed_form() -> None:
    c = 0.0
    known = {1: 0.3183, 2: 0.4937, 3: 0.6048, 4: 0.681, 5: 0.7359, 10: 0.8715}
    for layer in range(1, 1001):
        exact = (R(1 - c * c) + (math.pi - math.acos(c)) * c) / math.pi
        c = correlation_map("relu", R(2), 0.0, c)
        assert c == pytest.approx(exact, rel=1e-12)
        if layer in known:
            assert c == pytest.approx(known[layer], abs=6e-4 if layer == 4 else 6e-5)
        if layer in (50, 100, 1000):
            share = {50: 0.683, 100: 0.805, 1000: 0.971}[layer]
            assert (1 - c) * layer**2 / (4.5 * math.pi**2) == pytest.approx(share, abs=6e-4)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_of_the_correlation_map_at_1_is_chi(name: str) -> None:
    sigma_w, sigma_b, h = 1.1, 0.4, 1e-6
    q = fixed_point(name, sigma_w, sigma_b)
    slope = 1.0 if math.isinf(q) else chi(name, sigma_w, sigma_b)  # q grows as the distance does
    ends = [correlation_map(name, sigma_w, sigma_b, c) for c in (1 - 2 * h, 1 - h, 1)]
    assert ends[2] == pytest.approx(1.0, rel=1e-9)
    assert (ends[1] - ends[0]) / h == pytest.approx(slope, rel=5e-3)


def test_depth_scales_end_where_nothing_shrinks() -> None:
    assert depth_scale(0.0) == 0.0
    assert depth_scale(math.exp(-0.5)) == pytest.approx(2.0)
    assert math.isinf(depth_scale(1.0))
    assert math.isinf(depth_scale(1.5))
