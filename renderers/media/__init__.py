"""The media. One module each; the module's name is the renderer's name."""
