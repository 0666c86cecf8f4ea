//! One connection: transport, byte filter, parser.
