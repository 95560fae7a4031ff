//! Losses and their gradients by the logits.

use serde::{Deserialize, Serialize};

/// A loss, averaged over a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// `mean over images and classes of max(0, 1 − t · y)²`, `t` +1 for the label and −1 else.
    ///
    /// # Reference
    /// Tang 2013, *Deep Learning using Linear Support Vector Machines*, eq. 9, arXiv:1306.0239.
    SquaredHinge,
    /// `mean over images of −Σ q · log softmax(y)`, `q` the label's one-hot vector mixed with
    /// `smoothing` of the uniform one.
    ///
    /// # Reference
    /// Szegedy et al. 2016, *Rethinking the Inception Architecture*, §7, arXiv:1512.00567.
    CrossEntropy {
        /// In [0, 1).
        smoothing: f32,
    },
}

/// What a batch's logits are worth.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Score {
    /// Sum of the images' losses.
    pub loss: f64,
    /// Images whose largest logit is their label's; of equal logits the first counts.
    pub correct: usize,
    /// Images.
    pub images: usize,
}

impl Score {
    /// Adds those of another batch.
    pub fn add(&mut self, other: Self) {
        self.loss += other.loss;
        self.correct += other.correct;
        self.images += other.images;
    }

    /// Mean loss of an image.
    pub fn mean_loss(&self) -> f64 {
        self.loss / self.images as f64
    }

    /// Share of the images that are right.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.images as f64
    }
}

/// Index of the largest logit, the first of equals.
pub fn class_of(logits: &[f32]) -> usize {
    let mut best = 0;
    for (class, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = class;
        }
    }
    best
}

impl Loss {
    /// The score of `logits : [images, classes]`, and `∂L/∂logits` of the batch's mean.
    pub fn score(self, logits: &[f32], labels: &[u8]) -> (Score, Vec<f32>) {
        let classes = logits.len() / labels.len();
        let mut gradient = vec![0.0; logits.len()];
        let mut score = Score {
            images: labels.len(),
            ..Score::default()
        };
        let images = logits
            .chunks_exact(classes)
            .zip(gradient.chunks_exact_mut(classes));
        for ((logits, gradient), &label) in images.zip(labels) {
            let label = usize::from(label);
            score.correct += usize::from(class_of(logits) == label);
            score.loss += match self {
                Self::SquaredHinge => squared_hinge(logits, label, gradient),
                Self::CrossEntropy { smoothing } => {
                    cross_entropy(logits, label, f64::from(smoothing), gradient)
                }
            };
            let share = 1.0 / labels.len() as f32;
            gradient.iter_mut().for_each(|g| *g *= share);
        }
        (score, gradient)
    }
}

fn squared_hinge(logits: &[f32], label: usize, gradient: &mut [f32]) -> f64 {
    let classes = logits.len() as f32;
    let mut loss = 0.0;
    for (class, (y, gradient)) in logits.iter().zip(gradient).enumerate() {
        let target = if class == label { 1.0 } else { -1.0 };
        let margin = 1.0 - target * y;
        // Not `max`, which would make a 0 of what is not a number.
        let margin = if margin < 0.0 { 0.0 } else { margin };
        *gradient = -2.0 * target * margin / classes;
        loss += f64::from(margin).powi(2);
    }
    loss / f64::from(classes)
}

fn cross_entropy(logits: &[f32], label: usize, smoothing: f64, gradient: &mut [f32]) -> f64 {
    let largest = f64::from(logits[class_of(logits)]);
    let exponentials = logits.iter().map(|y| (f64::from(*y) - largest).exp());
    let total: f64 = exponentials.sum();
    let uniform = smoothing / logits.len() as f64;
    let mut loss = 0.0;
    for (class, (y, gradient)) in logits.iter().zip(gradient).enumerate() {
        let log = f64::from(*y) - largest - total.ln();
        let expected = uniform + if class == label { 1.0 - smoothing } else { 0.0 };
        loss -= expected * log;
        *gradient = (log.exp() - expected) as f32;
    }
    loss
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_finite_differences() {
        let logits = [0.3, -0.8, 1.7, 0.2, 0.1, -1.4];
        let labels = [2, 0];
        for loss in [
            Loss::SquaredHinge,
            Loss::CrossEntropy { smoothing: 0.0 },
            Loss::CrossEntropy { smoothing: 0.2 },
        ] {
            let (_, gradient) = loss.score(&logits, &labels);
            for i in 0..logits.len() {
                let at = |step: f32| {
                    let mut logits = logits;
                    logits[i] += step;
                    (
                        f64::from(logits[i]),
                        loss.score(&logits, &labels).0.mean_loss(),
                    )
                };
                let ((up, above), (down, below)) = (at(1e-2), at(-1e-2));
                let slope = (above - below) / (up - down);
                assert!(
                    (slope - f64::from(gradient[i])).abs() < 1e-4,
                    "{loss:?} {i}"
                );
            }
        }
    }

    #[test]
    fn the_first_of_equal_logits_is_the_class() {
        assert_eq!(class_of(&[1.0, 3.0, 3.0]), 1);
        let (score, _) = Loss::SquaredHinge.score(&[1.0, -1.0, -1.0, 1.0], &[0, 0]);
        assert_eq!((score.correct, score.images), (1, 2));
        assert_eq!(score.mean_loss(), 2.0);
    }

    #[test]
    fn what_is_not_a_number_stays_one() {
        for loss in [Loss::SquaredHinge, Loss::CrossEntropy { smoothing: 0.0 }] {
            for logit in [f32::NAN, f32::INFINITY] {
                let (score, _) = loss.score(&[0.5, logit], &[0]);
                assert!(!score.loss.is_finite(), "{loss:?} {logit}");
            }
        }
    }

    #[test]
    fn large_logits_do_not_overflow() {
        let (score, gradient) =
            Loss::CrossEntropy { smoothing: 0.1 }.score(&[1000.0, -1000.0], &[1]);
        assert!(score.loss.is_finite() && gradient.iter().all(|g| g.is_finite()));
    }
}
