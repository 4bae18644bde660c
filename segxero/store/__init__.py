"""Redis: the client, the keys, the formats and the Lua loader."""
