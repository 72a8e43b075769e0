"""Decision support for acute lymphoblastic leukaemia: record → facts → decisions → cards."""
