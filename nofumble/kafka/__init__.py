"""Everything of the broker that is not the agents': topics and their audit, the producer of the command line, lag."""
