"""Everything that runs: command line, settings, intake, worker, sender, and the sandbox for trying it all out."""
