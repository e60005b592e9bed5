//! A simulated water works.
