"""What a report names (units, places, times, people, sums) and what gives its writer away."""
