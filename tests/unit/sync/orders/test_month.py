"""A small month: three shuffles end in identical books, and these are the shop's own, to the cent."""

import random

from tests.simulation.month import Size, make_month, play, read_books, read_truth

SMALL = Size(customers=12, orders=40, changed=0.2, refunded=0.2, cancelled=0.15)


def test_three_shuffles_of_a_month_end_in_the_same_books_and_in_the_shops_own_sums(redis_store):
    month = make_month(SMALL)
    seen = []
    for seed in range(3):
        events = list(month.events)
        random.Random(seed).shuffle(events)
        redis_store.flushdb()
        core = play(redis_store, events, portion=0 if not seed else 25)
        seen.append(read_books(core.xero.books))
        found = read_truth(core.xero.books)
        assert (found.sales, found.credits) == (month.truth.sales, month.truth.credits)
        assert (found.payments, found.payouts) == (month.truth.payments, month.truth.payouts)
        assert found.receivables == month.truth.receivables
        assert core.store.zcard("segxero:parked:main:orders") == 0
        assert core.store.llen("dead_letters") == 0
    assert seen[0] == seen[1] == seen[2]
