"""The countries of the sandbox's organisations: facts, charts of accounts and tax rates of new books."""
