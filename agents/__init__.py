"""When events arrive: the agents that fold them into accounts, wake accounts up, and send what is to go out."""
