//! Draws numbers and computes none: figures as SVG and PNG, and TensorBoard's event files.
//!
//! Whoever has the numbers fills plain types. Curves in a [`Panel`], counts in a [`Histogram2d`]
//! and [`Bars`] are the plots of a [`Figure`]. This crate knows no network and no run. A picture
//! holds everything that it needs, and the same numbers give the same bytes. An [`EventFile`]
//! takes numbers while they come.
//!
//! ```
//! use orthant_report::{Axis, Curve, Figure, Panel};
//!
//! let panel = Panel::new("loss", Axis::linear("epoch", ""), Axis::linear("squared hinge", ""))
//!     .with_curve(Curve::new("train", [[1.0, 0.58], [2.0, 0.12], [3.0, 0.09]]))
//!     .with_curve(Curve::new("validation", [[3.0, 0.11]]));
//! let figure = Figure::new("a run's losses").with(panel);
//! assert!(figure.svg().starts_with("<svg "));
//! ```
#![forbid(unsafe_code)]

mod axis;
mod bars;
mod chart;
mod colours;
mod error;
mod events;
mod figure;
mod histogram;
mod pen;
#[cfg(feature = "png")]
mod png;
mod ruler;
mod svg;
mod text;

pub use axis::{Axis, Dimension, Scale};
pub use bars::{Bar, Bars, Group};
pub use chart::{Curve, Guide, Level, Panel, Span, Style};
pub use error::Error;
pub use events::{EventFile, unix_seconds};
pub use figure::{Figure, Plot, curves};
pub use histogram::{Bins, Histogram2d};
#[cfg(feature = "png")]
pub use png::png;
