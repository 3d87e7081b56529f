"""Cutting a picture into regions that a painter would fill one at a time."""

from underpaint.renderers.segment.classic import picture_hierarchy
from underpaint.renderers.segment.partition import SEGMENTERS, partition
from underpaint.renderers.segment.sam import SamOptions, sam_model_type

__all__ = ["SEGMENTERS", "SamOptions", "partition", "picture_hierarchy", "sam_model_type"]
