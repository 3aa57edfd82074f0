"""Where everything is kept: the schema, the store on PostgreSQL, and one in memory with the same behaviour."""
