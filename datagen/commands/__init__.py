"""The commands of `underpaint-data`: what each takes, and what it does with it."""
