"""What does each page show? Pure functions from what the store holds to what a template draws; no request, no clock."""
