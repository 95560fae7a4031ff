//! The area between a plot's axes, and what stands around it: the same for every kind of plot.

use crate::ruler::Ruler;
use crate::svg::{Anchor, Svg, Type};
use crate::text::{fit, power_of_ten, width};

pub(crate) const TITLE: Type = Type {
    size: 14.0,
    colour: "#1a1a1a",
    bold: true,
};
pub(crate) const LABEL: Type = Type {
    size: 12.0,
    colour: "#1a1a1a",
    bold: false,
};
pub(crate) const NUMBER: Type = Type {
    size: 11.0,
    colour: "#404040",
    bold: false,
};
pub(crate) const NOTE: Type = Type {
    size: 10.0,
    colour: "#5f5f5f",
    bold: false,
};

/// Between two lines of notes, in pixels like everything below.
const NOTE_LINE: f64 = 15.0;

/// The room that a plot needs around its area.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needs {
    /// Lines of notes under the title.
    pub notes: usize,
    /// Whether something stands between these and the area.
    pub head: bool,
    /// Beside the area.
    pub left: f64,
    pub right: f64,
    /// Under the area.
    pub below: f64,
}

impl Needs {
    /// Of all plots together.
    pub fn all(each: impl Iterator<Item = Needs>) -> Self {
        let none = Self {
            notes: 0,
            head: false,
            left: 18.0,
            right: 18.0,
            below: 0.0,
        };
        each.fold(none, |all, one| Self {
            notes: all.notes.max(one.notes),
            head: all.head || one.head,
            left: all.left.max(one.left),
            right: all.right.max(one.right),
            below: all.below.max(one.below),
        })
    }

    /// Above the area: the title's line and all under it.
    pub fn above(&self) -> f64 {
        22.0 + NOTE_LINE * self.notes as f64 + self.head()
    }

    fn head(&self) -> f64 {
        if self.head { 22.0 } else { 10.0 }
    }
}

/// The area of one plot, and the cell of the figure that it stands in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
    /// Left end of the cell.
    pub cell: f64,
    pub cell_width: f64,
    pub needs: Needs,
}

impl Area {
    pub fn right(&self) -> f64 {
        self.left + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Where a place on both axes lies.
    pub fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.left + x * self.width, self.bottom() - y * self.height]
    }

    /// The title, and the notes under it.
    pub fn title(&self, svg: &mut Svg, title: &str, notes: &[String]) {
        let room = self.cell + self.cell_width - self.left - 10.0;
        let lowest = self.top - self.needs.head() - 2.0;
        let above = |lines: usize| [self.left, lowest - NOTE_LINE * lines as f64];
        let title = fit(title, room / TITLE.size);
        svg.text(above(self.needs.notes), Anchor::Start, TITLE, &title);
        for (index, note) in notes.iter().enumerate() {
            let note = fit(note, room / NUMBER.size);
            let place = above(self.needs.notes - 1 - index);
            svg.text(place, Anchor::Start, NUMBER, &note);
        }
    }

    /// What the plot leaves out, above its right end.
    pub fn left_out(&self, svg: &mut Svg, what: &str) {
        let what = fit(what, (self.width - 40.0) / NOTE.size);
        svg.text([self.right(), self.top - 6.0], Anchor::End, NOTE, &what);
    }

    /// In the middle of an area without anything else.
    pub fn empty(&self, svg: &mut Svg, what: &str) {
        svg.text(self.at([0.5, 0.5]), Anchor::Middle, NOTE, what);
    }

    /// Lines at the ticks of the axis along the bottom.
    pub fn grid_x(&self, svg: &mut Svg, ruler: &Ruler) {
        for tick in &ruler.ticks {
            let [x, _] = self.at([tick.place, 0.0]);
            let colour = line_colour(&tick.label);
            svg.line([x, self.top], [x, self.bottom()], colour, 1.0);
        }
    }

    /// Lines at the ticks of the axis along the left.
    pub fn grid_y(&self, svg: &mut Svg, ruler: &Ruler) {
        for tick in &ruler.ticks {
            let [_, y] = self.at([0.0, tick.place]);
            let colour = line_colour(&tick.label);
            svg.line([self.left, y], [self.right(), y], colour, 1.0);
        }
    }

    /// The numbers of the axis along the bottom, where there is room.
    pub fn numbers_x(&self, svg: &mut Svg, ruler: &Ruler) {
        let widths = ruler.ticks.iter().map(|tick| width(&tick.label));
        let widest = NUMBER.size * widths.fold(0.0, f64::max) + 8.0;
        for tick in ruler.labelled(widest / self.width) {
            let [x, y] = self.at([tick.place, 0.0]);
            svg.text([x, y + 16.0], Anchor::Middle, NUMBER, &tick.label);
        }
        if ruler.power != 0 {
            let under = [self.right(), self.bottom() + 36.0];
            svg.text(under, Anchor::End, NUMBER, &power(ruler));
        }
    }

    /// The numbers of the axis along the left.
    pub fn numbers_y(&self, svg: &mut Svg, ruler: &Ruler) {
        for tick in ruler.labelled(NUMBER.size * 1.4 / self.height) {
            let [x, y] = self.at([0.0, tick.place]);
            let beside = [x - 6.0, y + 0.35 * NUMBER.size];
            svg.text(beside, Anchor::End, NUMBER, &tick.label);
        }
        if ruler.power != 0 {
            svg.text(
                [self.left, self.top - 8.0],
                Anchor::End,
                NUMBER,
                &power(ruler),
            );
        }
    }

    /// The axes themselves.
    pub fn axes(&self, svg: &mut Svg) {
        let corner = [self.left, self.bottom()];
        svg.line([self.left, self.top], corner, NUMBER.colour, 1.0);
        svg.line(corner, [self.right(), self.bottom()], NUMBER.colour, 1.0);
    }

    /// What the axis along the bottom measures; beside a power of ten there is less room.
    pub fn name_x(&self, svg: &mut Svg, name: &str, ruler: Option<&Ruler>) {
        let power = ruler.is_some_and(|ruler| ruler.power != 0);
        let room = self.width - if power { 90.0 } else { 0.0 };
        let [x, y] = self.at([0.5, 0.0]);
        let name = fit(name, room / LABEL.size);
        svg.text([x, y + 36.0], Anchor::Middle, LABEL, &name);
    }

    /// What the axis along the left measures.
    pub fn name_y(&self, svg: &mut Svg, name: &str) {
        let middle = [self.cell + 18.0, self.top + self.height / 2.0];
        let name = fit(name, (self.height + 40.0) / LABEL.size);
        svg.upright(middle, LABEL, &name);
    }
}

/// Room at the left for a ruler's numbers and what they measure.
pub(crate) fn room_left(ruler: Option<&Ruler>) -> f64 {
    let ticks = ruler.into_iter().flat_map(|ruler| &ruler.ticks);
    let numbers = ticks.map(|tick| width(&tick.label)).fold(0.0, f64::max);
    let power = ruler.filter(|ruler| ruler.power != 0).map(power);
    let power = power.map_or(0.0, |power| width(&power));
    36.0 + NUMBER.size * numbers.max(power - 1.0)
}

/// Room below for numbers and what they measure.
pub(crate) const ROOM_BELOW: f64 = 50.0;

fn power(ruler: &Ruler) -> String {
    format!("×{}", power_of_ten(ruler.power))
}

fn line_colour(label: &str) -> &'static str {
    match label {
        "" => "#f2f2f2",
        _ => "#dedede",
    }
}
