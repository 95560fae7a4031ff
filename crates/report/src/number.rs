//! Numbers for programs.

/// The shortest decimal that reads as the same `f64`; nothing where there is no number.
///
/// ```
/// use orthant_report::digits;
///
/// assert_eq!([0.1, 1e-7, f64::NAN].map(digits), ["0.1", "0.0000001", ""]);
/// ```
pub fn digits(number: f64) -> String {
    match number.is_nan() {
        true => String::new(),
        false => number.to_string(),
    }
}
