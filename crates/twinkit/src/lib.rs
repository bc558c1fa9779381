//! Typed clients for the platforms where digital twins live
