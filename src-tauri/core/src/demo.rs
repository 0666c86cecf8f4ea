//! A small SSE server to try things with.
