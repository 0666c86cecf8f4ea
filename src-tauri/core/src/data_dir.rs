//! Where everything lives, and who may write it.
