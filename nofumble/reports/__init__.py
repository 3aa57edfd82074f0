"""Who has the ball, who has how much, what was given, what is hard about us, and does each workflow earn its keep?

Each report is a pure function of the store, the directory and a time: rows that the command line shows as a table or as
JSON.
"""
