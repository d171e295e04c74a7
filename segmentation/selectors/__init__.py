"""Reads of segmentation."""
