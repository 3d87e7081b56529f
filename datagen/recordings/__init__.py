"""Videos and folders of frames become samples."""
