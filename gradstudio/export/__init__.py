"""What leaves the program: pictures as descriptions and SVG, tables as CSV. No Qt."""
