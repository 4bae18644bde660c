import pytest

from tests.chaos.warm_shutdown import GRACE, MINUTE, PEOPLE, shut_down

TIMES = 5


@pytest.fixture(scope="module")
def report():
    return shut_down(TIMES)


def test_shutdowns_in_the_middle_of_writes_lose_and_double_nothing(report):
    assert report.faults == []
    assert len(report.shutdowns) == TIMES
    assert len(report.delays) == TIMES * (PEOPLE + PEOPLE // 5)


def test_a_worker_ends_by_itself_before_heroku_kills_it(report):
    assert report.killed == 0
    assert max(report.shutdowns) < GRACE


def test_no_record_is_more_than_a_minute_late(report):
    assert max(report.delays.values()) < MINUTE
