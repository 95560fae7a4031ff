//! Logits in order: the classes that a network holds most likely, and by how much.

use anyhow::{Result, bail, ensure};

/// The best classes of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking<'a> {
    /// Largest logit first; of equal ones the class with the lower index.
    pub places: Vec<Place<'a>>,
    /// The largest logit less the second, in logits; `None` with a single class.
    pub margin: Option<f64>,
}

/// A class in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Place<'a> {
    /// The class.
    pub index: usize,
    /// Its name.
    pub label: &'a str,
    /// Its logit.
    pub logit: f32,
    /// The largest logit less its own, in logits; 0 for the first.
    pub distance: f64,
}

/// Ranks the classes and keeps the first `top`, or all if they are fewer.
///
/// # Errors
/// No logit, or not one for each class; one that is not finite.
pub fn rank<'a>(logits: &[f32], classes: &'a [String], top: usize) -> Result<Ranking<'a>> {
    ensure!(
        !logits.is_empty() && logits.len() == classes.len(),
        "model gives {} logits for {} classes, expected one for each",
        logits.len(),
        classes.len()
    );
    if let Some(index) = logits.iter().position(|logit| !logit.is_finite()) {
        let (label, logit) = (&classes[index], logits[index]);
        bail!("logit of {label} is {logit}, expected a finite number");
    }
    let mut order: Vec<usize> = (0..logits.len()).collect();
    // The sort is stable; subtracting would lose what is too close, `total_cmp` splits the zeros.
    order.sort_by(|&a, &b| {
        let order = logits[b].partial_cmp(&logits[a]);
        order.expect("finite numbers can be compared")
    });
    // Differences in double precision neither round to 0 nor overflow.
    let distance = |index: usize| f64::from(logits[order[0]]) - f64::from(logits[index]);
    let place = |&index: &usize| Place {
        index,
        label: &classes[index],
        logit: logits[index],
        distance: distance(index),
    };
    Ok(Ranking {
        places: order.iter().take(top).map(place).collect(),
        margin: order.get(1).map(|&second| distance(second)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(number: usize) -> Vec<String> {
        (0..number).map(|class| format!("class {class}")).collect()
    }

    #[test]
    fn places_are_by_logit_with_distances_to_the_first() {
        let classes = classes(4);
        let ranking = rank(&[-1.5, 4.0, 0.25, 3.5], &classes, 3).unwrap();
        let expected = [(1, 4.0, 0.0), (3, 3.5, 0.5), (2, 0.25, 3.75)];
        let expected = expected.map(|(index, logit, distance)| Place {
            index,
            label: &classes[index],
            logit,
            distance,
        });
        assert_eq!(ranking.places, expected);
        assert_eq!(ranking.margin, Some(0.5));
    }

    #[test]
    fn of_equal_logits_the_lower_class_is_first_and_the_margin_is_0() {
        let classes = classes(4);
        let ranking = rank(&[-0.0, -7.0, 0.0, 0.0], &classes, 4).unwrap();
        let order: Vec<_> = ranking.places.iter().map(|place| place.index).collect();
        assert_eq!(order, [0, 2, 3, 1]);
        assert_eq!(ranking.margin, Some(0.0));
    }

    #[test]
    fn the_first_is_the_class_that_evaluation_counts() {
        let cases: [&[f32]; 4] = [
            &[1.0, 2.0, 2.0],
            &[-0.0, 0.0],
            &[0.0, -0.0, 1e-45],
            &[3.0, -3.0],
        ];
        for logits in cases {
            let classes = classes(logits.len());
            let first = rank(logits, &classes, 1).unwrap().places[0].index;
            assert_eq!(first, orthant_train::class_of(logits), "{logits:?}");
        }
    }

    #[test]
    fn top_is_capped_by_the_classes_and_does_not_change_the_margin() {
        let classes = classes(2);
        let all = rank(&[1.0, 3.0], &classes, 100).unwrap();
        assert_eq!(all.places.len(), 2);
        let first = rank(&[1.0, 3.0], &classes, 1).unwrap();
        assert_eq!(first.places, all.places[..1]);
        assert_eq!((first.margin, all.margin), (Some(2.0), Some(2.0)));
    }

    #[test]
    fn a_single_class_has_no_margin() {
        let classes = classes(1);
        let ranking = rank(&[-2.0], &classes, 3).unwrap();
        assert_eq!((ranking.places.len(), ranking.margin), (1, None));
    }

    #[test]
    fn distances_of_the_largest_numbers_are_finite() {
        let classes = classes(2);
        let ranking = rank(&[f32::MAX, f32::MIN], &classes, 2).unwrap();
        assert_eq!(ranking.margin, Some(2.0 * f64::from(f32::MAX)));
    }

    #[test]
    fn logits_that_rank_nothing_are_refused() {
        let refused: [(&[f32], usize, &str); 5] = [
            (
                &[],
                0,
                "model gives 0 logits for 0 classes, expected one for each",
            ),
            (
                &[1.0],
                2,
                "model gives 1 logits for 2 classes, expected one for each",
            ),
            (
                &[1.0, 2.0],
                1,
                "model gives 2 logits for 1 classes, expected one for each",
            ),
            (
                &[1.0, f32::NAN],
                2,
                "logit of class 1 is NaN, expected a finite number",
            ),
            (
                &[f32::INFINITY, 0.0],
                2,
                "logit of class 0 is inf, expected a finite number",
            ),
        ];
        for (logits, number, expected) in refused {
            let error = rank(logits, &classes(number), 3).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
