//! Starts the tasks, owns their handles, stops them in order.
