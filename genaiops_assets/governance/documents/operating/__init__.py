"""Documents for deployers, operators and the public, one file each, found by the name that the registry gives them.
Other rooms import from the face of `governance/documents`."""
