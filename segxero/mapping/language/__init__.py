"""The mapping language: how a directive is declared, and the compiler that turns values into functions of an event."""
