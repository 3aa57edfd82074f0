"""The pages of the library: each workflow as text and as a picture, made from its definition alone."""
