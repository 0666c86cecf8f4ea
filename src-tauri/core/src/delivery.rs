//! What is really new becomes a toast.

pub mod storm;
pub mod text;
