//! Header values and passwords, never in the settings.
