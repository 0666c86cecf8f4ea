//! The spine: receive, ingest, append, deliver what is new.
