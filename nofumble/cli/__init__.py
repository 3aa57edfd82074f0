"""The command line: one module for each group of commands, and one place that knows how an answer looks."""
