"""What would other definitions, people or budgets have given on the history that was recorded (B5)?

The same fold as live, account by account, with no effects. What crosses accounts is told from one to the other in
rounds, so that the accounts of a round can be folded in any order, and in any process, with the same result.
"""
