//! What a panel of bars holds.

use crate::axis::Axis;

/// A number as the length of a bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Whose number it is; stands before the bar.
    pub name: String,
    /// The number, in the unit of the axis. A bar has a colour by its place in its group.
    pub value: f64,
    /// What stands at the bar's end.
    pub text: String,
}

/// Bars with something in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What they have in common; stands above them, unless empty.
    pub name: String,
    /// From top to bottom.
    pub bars: Vec<Bar>,
}

impl Group {
    /// A group without bars.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            bars: Vec::new(),
        }
    }

    /// The group with one more bar, whose end says `text`: the value as it is to be read.
    #[must_use]
    pub fn with_bar(
        mut self,
        name: impl Into<String>,
        value: f64,
        text: impl Into<String>,
    ) -> Self {
        self.bars.push(Bar {
            name: name.into(),
            value,
            text: text.into(),
        });
        self
    }
}

/// Groups of horizontal bars over one axis, with their values written at their ends.
///
/// Bars on an axis of equal steps begin at 0, those on a logarithmic axis at a power of ten below
/// the smallest: there only their ends can be compared. A value without a place has no bar, but its
/// text.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// What the panel shows.
    pub title: String,
    /// Lines under the title.
    pub notes: Vec<String>,
    /// What the bars' lengths measure.
    pub axis: Axis,
    /// From top to bottom.
    pub groups: Vec<Group>,
    /// Whether all bars have the same colour; else those of the same place in their groups.
    pub has_one_colour: bool,
}

impl Bars {
    /// A panel without bars.
    pub fn new(title: impl Into<String>, axis: Axis) -> Self {
        Self {
            title: title.into(),
            notes: Vec::new(),
            axis,
            groups: Vec::new(),
            has_one_colour: false,
        }
    }

    /// The panel with all bars in one colour, where they are things of one kind.
    #[must_use]
    pub fn with_one_colour(mut self) -> Self {
        self.has_one_colour = true;
        self
    }

    /// The panel with one more line under its title.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The panel with one more group.
    #[must_use]
    pub fn with_group(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    pub(crate) fn bars(&self) -> impl Iterator<Item = &Bar> {
        self.groups.iter().flat_map(|group| &group.bars)
    }
}
