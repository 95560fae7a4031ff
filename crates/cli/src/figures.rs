//! Numbers as people read them.

/// Digits in groups of three: `14,022,016`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The nearest integer, in groups.
pub fn rounded(number: f64) -> String {
    grouped(number.round() as u64)
}

/// Three digits that count, or the integer where it has more.
pub fn significant(number: f64) -> String {
    if number >= 100.0 || number == 0.0 {
        return rounded(number);
    }
    let decimals = (2.0 - number.log10().floor()).clamp(1.0, 9.0) as usize;
    format!("{number:.decimals$}")
}

/// How many times larger `large` is than `small`: `32.0`; `-` where there is nothing to compare.
pub fn times(large: f64, small: f64) -> String {
    match small > 0.0 {
        true => format!("{:.1}", large / small),
        false => "-".to_owned(),
    }
}

/// A share in per cent; 0 and 100 are said of none and all alone.
pub fn percent(part: u64, whole: u64) -> String {
    if part == 0 || part == whole {
        return if part == 0 { "0 %" } else { "100 %" }.to_owned();
    }
    let share = 100.0 * part as f64 / whole as f64;
    format!("{:.2} %", share.clamp(0.01, 99.99))
}

/// A share of 1 in per cent; `-` where there is none.
pub fn share(share: f64) -> String {
    match share.is_nan() {
        true => "-".to_owned(),
        false => percent((share * 1e9).round() as u64, 1_000_000_000),
    }
}

/// Height, width and so on: `32 x 32 x 3`.
pub fn extent(extent: &[usize]) -> String {
    let sizes: Vec<String> = extent.iter().map(usize::to_string).collect();
    sizes.join(" x ")
}

/// Bytes in millions: `170.1 MB`, or as they are below one.
pub fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// A number with so many decimals; `-` where there is none.
pub fn decimals(number: f64, decimals: usize) -> String {
    match number {
        _ if number.is_nan() => "-".to_owned(),
        f64::INFINITY => "∞".to_owned(),
        _ => format!("{number:.decimals$}"),
    }
}

/// `1.4e-255`, of a decimal logarithm that no float may hold the power of.
pub fn power_of_ten(log10: f64) -> String {
    if !log10.is_finite() {
        return "0".to_owned();
    }
    let mut exponent = log10.floor();
    let mut leading = 10f64.powf(log10 - exponent);
    // Two digits: 9.96 is 1.0 of the next.
    if leading >= 9.95 {
        leading = 1.0;
        exponent += 1.0;
    }
    format!("{leading:.1}e{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_the_right() {
        let numbers = [0, 7, 999, 1000, 14_022_016, u64::MAX].map(grouped);
        let expected = [
            "0",
            "7",
            "999",
            "1,000",
            "14,022,016",
            "18,446,744,073,709,551,615",
        ];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn three_digits_count() {
        let numbers = [0.0, 0.000_123_4, 0.5, 1.234, 12.34, 99.96, 123.4, 12_345.6];
        let expected = [
            "0", "0.000123", "0.500", "1.23", "12.3", "100.0", "123", "12,346",
        ];
        assert_eq!(numbers.map(significant), expected);
    }

    #[test]
    fn a_share_is_rounded_neither_to_none_nor_to_all() {
        let whole = 1_000_000;
        let shares = [0, 1, 994_264, 999_999, whole].map(|part| percent(part, whole));
        assert_eq!(shares, ["0 %", "0.01 %", "99.43 %", "99.99 %", "100 %"]);
        assert_eq!(percent(0, 0), "0 %");
    }

    #[test]
    fn powers_of_ten_have_one_digit_before_the_point() {
        let found = [-0.0001, 0.0, -2.796, -1.0, 0.31, f64::NEG_INFINITY].map(power_of_ten);
        assert_eq!(found, ["1.0e0", "1.0e0", "1.6e-3", "1.0e-1", "2.0e0", "0"]);
    }
}
