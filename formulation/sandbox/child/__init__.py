"""What runs inside the confined child."""
