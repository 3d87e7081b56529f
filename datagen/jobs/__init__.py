"""How a corpus gets written: what is to be done, who does it, and what happens when it fails."""
