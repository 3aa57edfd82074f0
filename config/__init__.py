"""Who and how long: the settings of a deployment, and the organisation with its people, teams and working hours."""
