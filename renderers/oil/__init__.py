"""Oil paint: the traces of bristles, the paint with its relief, and the colours that suit both."""
