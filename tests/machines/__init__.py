"""Random walks over the state machines: what must hold (`rules`, `sums`), the steps, the walk and what it checks."""
