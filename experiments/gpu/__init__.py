"""A nano in minutes on one GPU: painted by all cores while the GPU trains, held in its memory, stepped by CUDA graphs."""
