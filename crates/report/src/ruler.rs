//! An axis measured out: its range, its ticks and where a value lies on it.

use crate::axis::Scale;
use crate::text::power_of_ten;

/// Values from here on have no place, nor has a logarithmic value below its inverse: sums and
/// quotients of the others stay finite.
const LARGEST: f64 = 1e100;

/// Share of the axis left free at either end.
const MARGIN: f64 = 0.04;

/// Steps that an axis of equal steps is cut into, at most.
const STEPS: f64 = 8.0;

/// A range and its ticks.
#[derive(Debug)]
pub(crate) struct Ruler {
    scale: Scale,
    /// In values, or in their decimal logarithms.
    low: f64,
    high: f64,
    /// From low to high; those without a label are smaller.
    pub ticks: Vec<Tick>,
    /// Labels count this power of ten.
    pub power: i32,
}

/// A mark on the axis.
#[derive(Debug, PartialEq)]
pub(crate) struct Tick {
    /// Where it lies, 0 at the low end and 1 at the high one.
    pub place: f64,
    /// What stands beside it.
    pub label: String,
    /// Whether it is the first to keep its label: 0, and powers of ten where they are ratios.
    pub anchor: bool,
}

/// A value, and the label of its tick.
type Labelled = (f64, String);

/// A value as the axis counts it, if it has a place there.
fn counted(scale: Scale, value: f64) -> Option<f64> {
    match scale {
        Scale::Linear => (value.abs() < LARGEST).then_some(value),
        Scale::Log => (1.0 / LARGEST..LARGEST)
            .contains(&value)
            .then(|| value.log10()),
    }
}

impl Ruler {
    /// The axis that holds all of `values` that have a place; none if none has.
    pub fn over(scale: Scale, values: impl Iterator<Item = f64>) -> Option<Self> {
        let (mut low, mut high, mut whole) = (f64::INFINITY, f64::NEG_INFINITY, true);
        for value in values {
            if let Some(place) = counted(scale, value) {
                low = low.min(place);
                high = high.max(place);
                whole &= value.fract() == 0.0;
            }
        }
        if low > high {
            return None;
        }
        let size = low.abs().max(high.abs());
        let margin = match scale {
            Scale::Log if high - low < 1e-6 => 0.4,
            Scale::Linear if size == 0.0 => 1.0,
            Scale::Linear if high - low <= 1e-9 * size => (0.1 * size).max(f64::from(whole)),
            _ => MARGIN * (high - low),
        };
        Some(Self::from_to(scale, low - margin, high + margin, whole))
    }

    /// The axis that ends at `low` and `high`; none if it cannot be shown.
    pub fn between(scale: Scale, [low, high]: [f64; 2]) -> Option<Self> {
        let (low, high) = (counted(scale, low)?, counted(scale, high)?);
        let narrowest = match scale {
            Scale::Log => 1e-6,
            Scale::Linear => 1e-9 * low.abs().max(high.abs()),
        };
        let wide = high - low > narrowest.max(1.0 / LARGEST);
        wide.then(|| Self::from_to(scale, low, high, false))
    }

    /// From `low` to `high`, as counted.
    fn from_to(scale: Scale, low: f64, high: f64, whole: bool) -> Self {
        let (ticks, power) = match scale {
            Scale::Linear => equal_steps(low, high, whole),
            Scale::Log => ratios(low, high),
        };
        let mut ruler = Self {
            scale,
            low,
            high,
            ticks: Vec::new(),
            power,
        };
        let placed = ticks.into_iter().filter_map(|(value, label)| {
            let place = ruler.place(value)?;
            Some(Tick {
                place,
                label,
                anchor: match scale {
                    Scale::Linear => value == 0.0,
                    Scale::Log => (value.log10() - value.log10().round()).abs() < 1e-9,
                },
            })
        });
        ruler.ticks = placed.collect();
        ruler
    }

    /// Where a value lies, 0 at the low end and 1 at the high one, if it has a place; beyond an
    /// end that was given it lies outside.
    pub fn place(&self, value: f64) -> Option<f64> {
        counted(self.scale, value).map(|place| (place - self.low) / self.length())
    }

    /// How values are counted.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// From end to end, as the axis counts: in decades where it is logarithmic.
    pub fn length(&self) -> f64 {
        self.high - self.low
    }

    /// The place of an end of a range, which may be infinite, or 0 where ratios count: such an end
    /// lies beyond the axis.
    pub fn place_or_beyond(&self, value: f64) -> Option<f64> {
        match value {
            f64::INFINITY => Some(2.0),
            f64::NEG_INFINITY => Some(-1.0),
            _ if self.scale == Scale::Log && value <= 0.0 => Some(-1.0),
            _ => self.place(value),
        }
    }

    /// The ticks whose labels there is room for, if each takes `room` of the axis.
    pub fn labelled(&self, room: f64) -> impl Iterator<Item = &Tick> {
        let every = |ticks: &[&Tick]| (room * ticks.len() as f64).ceil().max(1.0) as usize;
        let labelled = self.ticks.iter().filter(|tick| !tick.label.is_empty());
        let mut labelled: Vec<_> = labelled.collect();
        let anchors: Vec<_> = labelled
            .iter()
            .copied()
            .filter(|tick| tick.anchor)
            .collect();
        if every(&labelled) > 1 && anchors.len() > 1 {
            labelled = anchors;
        }
        let every = every(&labelled);
        let first = labelled.iter().position(|tick| tick.anchor);
        let ticks = labelled.into_iter().skip(first.unwrap_or(0) % every);
        ticks.step_by(every)
    }
}

/// Ticks at multiples of 1, 2 or 5 times a power of ten, and the power that their labels count.
///
/// With `whole` they are whole numbers.
fn equal_steps(low: f64, high: f64, whole: bool) -> (Vec<Labelled>, i32) {
    let raw = (high - low) / STEPS;
    let mut exponent = raw.log10().floor() as i32;
    let fits = |digit: &f64| digit * 10f64.powi(exponent) >= raw;
    let mut digit = [1.0, 2.0, 5.0].into_iter().find(fits).unwrap_or(10.0);
    if whole && exponent < 0 && digit < 10.0 {
        (digit, exponent) = (1.0, 0);
    }
    if digit == 10.0 {
        (digit, exponent) = (1.0, exponent + 1);
    }
    let step = digit * 10f64.powi(exponent);
    let (first, last) = ((low / step).ceil(), (high / step).floor());
    let largest = first.abs().max(last.abs()) * step;
    let power = match largest {
        0.0 => 0,
        _ if (0.01..1e5).contains(&largest) => 0,
        _ => largest.log10().floor() as i32,
    };
    let decimals = (power - exponent).max(0);
    let ticks = (0..=(last - first) as usize)
        .map(|index| {
            let steps = first + index as f64;
            // Multiplied as whole numbers, then shifted: 3 steps of 0.1 are 0.3.
            let shifted = match exponent - power {
                down @ ..=0 => steps * digit / 10f64.powi(-down),
                up => steps * digit * 10f64.powi(up),
            };
            let label = format!("{:.*}", decimals as usize, shifted + 0.0);
            (steps * step, label.replace('-', "−"))
        })
        .collect();
    (ticks, power)
}

/// Ticks of a logarithmic axis between two decimal logarithms.
fn ratios(low: f64, high: f64) -> (Vec<Labelled>, i32) {
    let decades = low.floor() as i32..=high.floor() as i32;
    let tick =
        |digit: i32, exponent: i32| (digit, exponent, f64::from(digit) * 10f64.powi(exponent));
    let inside = |&(_, _, at): &(i32, i32, f64)| (low..=high).contains(&at.log10());
    let all = |digits: &'static [i32]| -> Vec<(i32, i32, f64)> {
        let each = |exponent| digits.iter().map(move |&digit| tick(digit, exponent));
        decades.clone().flat_map(each).filter(inside).collect()
    };
    let powers = all(&[1]);
    let labelled: Vec<_> = if powers.len() >= 3 {
        let every = powers.len().div_ceil(8);
        powers.into_iter().step_by(every).collect()
    } else {
        all(&[1, 2, 5])
    };
    if labelled.len() < 3 {
        return equal_steps(10f64.powf(low), 10f64.powf(high), false);
    }
    let plain = labelled
        .iter()
        .all(|(_, _, at)| (0.0009..9999.0).contains(at));
    let label = |&(digit, exponent, _): &(i32, i32, f64)| match digit {
        _ if plain && exponent < 0 => {
            format!("{:.*}", -exponent as usize, tick(digit, exponent).2)
        }
        _ if plain => format!("{}", tick(digit, exponent).2),
        1 => power_of_ten(exponent),
        _ => format!("{digit}×{}", power_of_ten(exponent)),
    };
    // Beyond a few decades the lines between are a grey wash.
    let between = match decades.clone().count() {
        ..=5 => all(&[1, 2, 3, 4, 5, 6, 7, 8, 9]),
        _ => labelled.clone(),
    };
    let ticks = between.into_iter().map(|tick| {
        let label = match labelled.contains(&tick) {
            true => label(&tick),
            false => String::new(),
        };
        (tick.2, label)
    });
    (ticks.collect(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, values: &[f64]) -> (Vec<String>, i32) {
        let ruler = Ruler::over(scale, values.iter().copied()).expect("some have a place");
        let labels = ruler.ticks.into_iter().map(|tick| tick.label);
        (
            labels.filter(|label| !label.is_empty()).collect(),
            ruler.power,
        )
    }

    fn words(words: &str) -> Vec<String> {
        words.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn steps_are_round_and_labels_have_the_decimals_that_they_need() {
        use Scale::Linear;
        for (values, expected, power) in [
            ([0.0, 1.0], "0 1", 0),
            ([0.0, 0.97], "0.0 0.2 0.4 0.6 0.8 1.0", 0),
            ([-1.5, 1.5], "−1.5 −1.0 −0.5 0.0 0.5 1.0 1.5", 0),
            ([1.0, 3.0], "1 2 3", 0),
            ([1.0, 500.0], "0 100 200 300 400 500", 0),
            ([33.9, 38.2], "34 35 36 37 38", 0),
            ([0.0, 0.0051], "0 1 2 3 4 5", -3),
            ([0.0, 2.5e7], "0.0 0.5 1.0 1.5 2.0 2.5", 7),
            (
                [0.2001, 0.2004],
                "0.20010 0.20015 0.20020 0.20025 0.20030 0.20035 0.20040",
                0,
            ),
        ] {
            assert_eq!(
                labels(Linear, &values),
                (words(expected), power),
                "{values:?}"
            );
        }
    }

    #[test]
    fn ticks_of_ratios_are_powers_of_ten_where_there_are_enough() {
        use Scale::Log;
        for (values, expected) in [
            ([0.002, 3.0], "0.01 0.1 1"),
            ([1e-6, 3e-3], "10⁻⁶ 10⁻⁵ 10⁻⁴ 10⁻³"),
            ([1e-12, 1.0], "10⁻¹² 10⁻¹⁰ 10⁻⁸ 10⁻⁶ 10⁻⁴ 10⁻² 10⁰"),
            ([2e-4, 3e-3], "2×10⁻⁴ 5×10⁻⁴ 10⁻³ 2×10⁻³"),
            ([0.01, 0.1], "0.01 0.02 0.05 0.1"),
            ([3.1, 4.4], "3.2 3.4 3.6 3.8 4.0 4.2 4.4"),
        ] {
            assert_eq!(labels(Log, &values).0, words(expected), "{values:?}");
        }
    }

    #[test]
    fn values_without_a_place_do_not_stretch_the_axis() {
        let values = [0.1, f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300, 10.0];
        let ruler = Ruler::over(Scale::Log, values.into_iter()).expect("two have a place");
        for value in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300] {
            assert_eq!(ruler.place(value), None);
        }
        let places = [0.1, 1.0, 10.0].map(|value| ruler.place(value).expect("it has a place"));
        for (place, expected) in places.into_iter().zip([0.037, 0.5, 0.963]) {
            assert!(
                (place - expected).abs() < 1e-3,
                "{place}, expected {expected}"
            );
        }
        for scale in [Scale::Linear, Scale::Log] {
            let nothing = [f64::NAN, f64::NEG_INFINITY, 1e100].into_iter();
            assert!(Ruler::over(scale, nothing).is_none());
        }
    }

    #[test]
    fn an_axis_ends_where_it_is_told_to() {
        let ruler = Ruler::between(Scale::Linear, [0.0, 180.0]).expect("a range");
        assert_eq!(
            [0.0, 45.0, 180.0, 360.0].map(|at| ruler.place(at)),
            [Some(0.0), Some(0.25), Some(1.0), Some(2.0)]
        );
        let ruler = Ruler::between(Scale::Log, [1e-5, 10.0]).expect("a range");
        assert!((ruler.place(1e-2).expect("a place") - 0.5).abs() < 1e-12);
        assert_eq!(ruler.place_or_beyond(0.0), Some(-1.0));
        assert_eq!(ruler.place_or_beyond(f64::INFINITY), Some(2.0));
        assert_eq!(ruler.place_or_beyond(f64::NAN), None);
        for range in [[1.0, 1.0], [2.0, 1.0], [f64::NAN, 1.0], [1.0, 1e100]] {
            assert!(Ruler::between(Scale::Linear, range).is_none(), "{range:?}");
        }
        assert!(Ruler::between(Scale::Log, [0.0, 1.0]).is_none());
    }

    #[test]
    fn where_room_is_short_zero_and_powers_of_ten_keep_their_labels() {
        let kept = |ruler: &Ruler, room: f64| -> Vec<String> {
            ruler
                .labelled(room)
                .map(|tick| tick.label.clone())
                .collect()
        };
        let linear = Ruler::between(Scale::Linear, [-150.0, 150.0]).expect("a range");
        assert_eq!(kept(&linear, 0.1), words("−150 −100 −50 0 50 100 150"));
        assert_eq!(kept(&linear, 0.25), words("−100 0 100"));
        let log = Ruler::between(Scale::Log, [1e6, 6.8e7]).expect("a range");
        assert_eq!(kept(&log, 0.25), words("10⁶ 10⁷"));
    }

    #[test]
    fn one_value_lies_in_the_middle_of_a_range_with_ticks() {
        for scale in [Scale::Linear, Scale::Log] {
            for value in [1e-99, 1e-5, 0.5, 1.0, 7.0, 1e5, 1.234_567_8e12, 9e99] {
                let ruler = Ruler::over(scale, [value; 2].into_iter()).expect("it has a place");
                let place = ruler.place(value).expect("it has a place");
                assert!((place - 0.5).abs() < 1e-6, "{scale:?} {value}: {place}");
                assert!(
                    (1..10).contains(&ruler.ticks.iter().filter(|t| !t.label.is_empty()).count())
                );
            }
        }
        assert_eq!(labels(Scale::Linear, &[0.0]).0, words("−1 0 1"));
        assert_eq!(labels(Scale::Linear, &[1.0]).0, words("0 1 2"));
    }

    #[test]
    fn any_range_has_a_few_ticks_inside_it() {
        let ends = [
            -9e99, -1e9, -3.0, -1e-9, 0.0, 1e-99, 1e-7, 0.3, 1.0, 99.0, 1e12, 9e99,
        ];
        for scale in [Scale::Linear, Scale::Log] {
            for a in ends {
                for b in ends
                    .into_iter()
                    .chain([a * (1.0 + 1e-8), a * (1.0 + 1e-12)])
                {
                    let Some(ruler) = Ruler::over(scale, [a, b].into_iter()) else {
                        continue;
                    };
                    let labelled = ruler.ticks.iter().filter(|tick| !tick.label.is_empty());
                    assert!((1..=10).contains(&labelled.count()), "{a} {b}: {ruler:?}");
                    for tick in &ruler.ticks {
                        let place = tick.place;
                        assert!((-1e-6..=1.0 + 1e-6).contains(&place), "{a} {b}: {ruler:?}");
                    }
                }
            }
        }
    }
}
