"""Orders at work: facts of a record become wanted books, and these become records of the other queues."""
