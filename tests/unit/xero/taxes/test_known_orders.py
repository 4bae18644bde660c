"""Generated orders of twelve countries whose truth is known; `python -m tests.simulation.tax_run` takes more."""

from tests.simulation.tax_run import run


def test_no_order_gets_a_false_tax_type_and_hardly_any_waits():
    result = run(1_200)
    assert result.false == []
    assert result.share_waiting <= 0.01
    # The same orders by the rule of before: the generator does make orders that are easy to book falsely.
    assert result.control_false > 300
