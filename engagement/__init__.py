"""Campaigns, care and complaints. Holds its place in the layers; its content comes with its own issue."""
