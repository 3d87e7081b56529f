"""Where files lie: folders and object stores, whose files are whole or not there."""
