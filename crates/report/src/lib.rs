//! Draws numbers and computes none: figures as SVG and PNG, tables as CSV, pages as HTML, and
//! TensorBoard's event files.
//!
//! Whoever has the numbers fills plain types. Curves in a [`Panel`], counts in a [`Histogram2d`]
//! and [`Bars`] are the plots of a [`Figure`]; figures, [`Table`]s and [`Check`]s are the blocks of
//! a [`Page`]. This crate knows no network and no run. A picture or a page holds everything that
//! it needs, and the same numbers give the same bytes. An [`EventFile`] takes numbers while they
//! come.
//!
//! ```
//! use orthant_report::{Axis, Curve, Figure, Page, Panel, Section};
//!
//! let panel = Panel::new("loss", Axis::linear("epoch", ""), Axis::linear("squared hinge", ""))
//!     .with_curve(Curve::new("train", [[1.0, 0.58], [2.0, 0.12], [3.0, 0.09]]))
//!     .with_curve(Curve::new("validation", [[3.0, 0.11]]));
//! let figure = Figure::new("a run's losses").with(panel);
//! assert!(figure.svg().starts_with("<svg "));
//!
//! let section = Section::new("Training").with_figure(figure, "Loss by epoch. It falls.");
//! let html = Page::new("A run", "One run of three epochs.").with_section(section).to_html();
//! assert!(html.starts_with("<!DOCTYPE html>"));
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
mod number;
mod page;
mod pen;
#[cfg(feature = "png")]
mod png;
mod ruler;
mod svg;
mod table;
mod text;

pub use axis::{Axis, Dimension, Scale};
pub use bars::{Bar, Bars, Group};
pub use chart::{Curve, Guide, Level, Panel, Span, Style};
pub use error::Error;
pub use events::{EventFile, unix_seconds};
pub use figure::{Figure, Plot, curves};
pub use histogram::{Bins, Histogram2d};
pub use number::digits;
pub use page::{Block, Check, Page, Section, Verdict};
#[cfg(feature = "png")]
pub use png::png;
pub use table::{Align, Column, Table};
