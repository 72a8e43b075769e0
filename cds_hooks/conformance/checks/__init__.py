"""What is asked of a running service, item by item; each check gives back what is wrong, nothing where all is well."""
