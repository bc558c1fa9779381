//! Contract, end-to-end, interop and benchmark tests of the workspace
