"""The rules, one module a subject. `policy.register` lists them."""
