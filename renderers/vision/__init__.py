"""Pretrained networks that look at pictures: salient objects, depth, masks. Nothing is downloaded."""
