//! What is really new becomes a toast.
