"""`python -m genaiops_assets.cli`: the same as `genaiops`."""

from genaiops_assets.cli.main import main

if __name__ == "__main__":
    main()
