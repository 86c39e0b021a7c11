"""Excel files, from the same rows as the pages: numbers are numbers, shares ratios, what is not known is empty."""
