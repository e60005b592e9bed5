"""What every stack's scenario is run with: two hosts, a capture between them, the truth, the comparison."""
