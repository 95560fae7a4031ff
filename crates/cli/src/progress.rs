//! Bars for what takes long.

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

/// What a bar shows; it is drawn on a terminal only.
const TEMPLATE: &str = "{msg:32} {wide_bar} {pos}/{len} {eta}";

/// A bar for something with a name.
pub fn bar(name: &'static str, len: usize) -> ProgressBar {
    let style = ProgressStyle::with_template(TEMPLATE);
    ProgressBar::new(len as u64)
        .with_style(style.expect("the template is well-formed"))
        .with_message(name)
}

/// Runs what tells how much it has done of how much.
pub fn counted<T>(
    name: &'static str,
    run: impl FnOnce(&mut dyn FnMut(usize, usize)) -> Result<T>,
) -> Result<T> {
    let bar = bar(name, 1);
    let done = run(&mut |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    done
}
