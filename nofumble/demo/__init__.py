"""What does nofumble make of a made-up company's quarter? It is played on the embedded default, and told as stories."""
