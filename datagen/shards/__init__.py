"""What a corpus consists of: samples, the tars that hold them, and what says where in them."""
