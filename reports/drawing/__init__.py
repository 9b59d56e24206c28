"""What all figures share: one style, one sheet with title and caption, marks that read in grey, one way out to SVG."""
