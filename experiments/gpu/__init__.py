"""A nano in minutes on one GPU: all cores paint meanwhile, its memory holds all latents, steps are CUDA graphs."""
