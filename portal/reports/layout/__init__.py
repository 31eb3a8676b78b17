"""The layout of reports: the HTML of the templates becomes data, and Typst typesets the data as a tagged PDF."""
