//! Keeps a browser session.
