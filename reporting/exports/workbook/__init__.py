"""Excel files from the rows of the pages: numbers stay numbers, shares are ratios, unknown values are empty."""
