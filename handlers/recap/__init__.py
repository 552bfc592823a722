"""The recap: figures for each role, as a picture and a few lines, and as a table for other programs."""
