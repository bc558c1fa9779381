//! Credentials, token cache and authorizers for the twinkit clients
