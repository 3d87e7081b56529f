"""What there is to say of a corpus: tables, figures, its card."""
