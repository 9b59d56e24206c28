"""What is asked: cases, checks and claims, the content that a distribution brings, and the plan that fixes it all."""
