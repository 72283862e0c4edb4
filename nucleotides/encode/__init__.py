"""The ENCODE portal: query it, select experiments by a policy, fetch their files."""
