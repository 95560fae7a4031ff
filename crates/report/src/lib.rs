//! Draws numbers and computes none: curves as SVG, and as TensorBoard's event files.
//!
//! Whoever has the numbers fills plain types, a [`Curve`] into a [`Panel`], and a function draws
//! them: [`curves`]. This crate knows no network and no run. A picture holds everything that it
//! needs, and the same numbers give the same bytes. An [`EventFile`] takes numbers while they come.
//!
//! ```
//! use orthant_report::{Axis, Curve, Panel, curves};
//!
//! let panel = Panel::new("loss", Axis::linear("epoch", ""), Axis::linear("squared hinge", ""))
//!     .with_curve(Curve::new("train", [[1.0, 0.58], [2.0, 0.12], [3.0, 0.09]]))
//!     .with_curve(Curve::new("validation", [[3.0, 0.11]]));
//! let svg = curves("a run", &[panel]);
//! assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
//! ```
#![forbid(unsafe_code)]

mod chart;
mod curves;
mod error;
mod events;
mod pen;
mod ruler;
mod svg;
mod text;

pub use chart::{Axis, Curve, Level, Panel, Scale};
pub use curves::curves;
pub use error::Error;
pub use events::{EventFile, unix_seconds};
