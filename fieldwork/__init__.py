"""Field visits. Holds its place in the layers; its content comes with its own issue."""
