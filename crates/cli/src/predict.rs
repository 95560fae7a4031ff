//! `orthant predict`: the classes of images.

mod ranking;

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use orthant_data::picture::{self, Source, Wanted};
use orthant_infer::Runner;
use orthant_kernels::Kernels;
use orthant_model::Packed;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::machine;
use crate::output::{note, output};
use crate::subject::{self, Subject};
use ranking::{Ranking, rank};

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The model file, or a run's directory.
    model: PathBuf,
    /// Images, png or jpg; `-` is standard input.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// How many classes to list, best first.
    #[arg(long, value_name = "K", default_value = "3")]
    top: NonZeroUsize,
    /// Resize images to the model's size, bilinearly; their aspect is not kept.
    #[arg(long)]
    resize: bool,
    /// Convert other colours: gray, RGB, alpha (over black), 16 bits, CMYK.
    #[arg(long)]
    convert: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "Examples:
  orthant predict model.orth cat.png dog.jpg
  orthant predict model.orth photo.jpg --resize --top 5 --json
  orthant predict model.orth - --convert < drawing.png

Prints classes with their logits, best first: the first with its margin over the second, the others
with their distance to the first. EXIF's orientation is applied. An image without an answer gives an
error and exit code 2; the others are answered.";

/// What will be classified.
pub struct Plan {
    answerer: Answerer,
    images: Vec<Source>,
    top: usize,
    resize: bool,
    convert: bool,
    json: bool,
}

/// A network that classifies one image at a time.
struct Answerer {
    /// Height, width, channels.
    shape: [usize; 3],
    /// The pixel that stands for white.
    white: u8,
    /// The names of the classes, in the order of the logits.
    classes: Vec<String>,
    /// From the pixels of an image of that shape to a logit for each class.
    logits: Logits,
}

type Logits = Box<dyn FnMut(&[u8]) -> Result<Vec<f32>>>;

impl Answerer {
    /// Reads a model file, or packs a run.
    fn open(path: &Path) -> Result<Self> {
        let kernels = machine::kernels()?;
        if path.is_dir() {
            let packed = Subject::open(path)?.packed(kernels)?;
            return Self::new(kernels, &packed, path);
        }
        let bytes = subject::bytes(path)?;
        Self::new(kernels, &subject::model_in(&bytes, path)?, path)
    }

    fn new(kernels: Kernels, packed: &Packed, path: &Path) -> Result<Self> {
        let network = packed.network();
        let channels = network.input[2];
        ensure!(
            matches!(channels, 1 | 3),
            "{} takes images of {channels} channels, expected 1 or 3: no picture has so many",
            path.display()
        );
        let mut runner = Runner::new(kernels, packed)?;
        Ok(Self {
            shape: network.input,
            white: packed.labels().white,
            classes: packed.labels().classes.clone(),
            logits: Box::new(move |pixels| {
                let mut logits = vec![0.0; runner.classes()];
                runner.run(pixels, &mut logits)?;
                Ok(logits)
            }),
        })
    }
}

impl Plan {
    /// Reads the model.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let images: Vec<_> = arguments.images.into_iter().map(Source::from).collect();
        let inputs = images.iter().filter(|image| **image == Source::Stdin);
        ensure!(
            inputs.count() <= 1,
            "`-` is given more than once, but standard input can be read only once"
        );
        Ok(Self {
            answerer: Answerer::open(&arguments.model)?,
            images,
            top: arguments.top.get(),
            resize: arguments.resize,
            convert: arguments.convert,
            json: arguments.json,
        })
    }

    /// Classifies one image.
    fn rank(&mut self, image: &Source) -> Result<Ranking<'_>> {
        let answerer = &mut self.answerer;
        let wanted = Wanted {
            shape: answerer.shape,
            white: answerer.white,
            resize: self.resize,
            convert: self.convert,
        };
        let pixels = picture::read(image, &wanted).with_context(|| match image {
            Source::Path(path) => path.display().to_string(),
            Source::Stdin => "standard input".to_owned(),
        })?;
        let logits = (answerer.logits)(&pixels)
            .and_then(|logits| rank(&logits, &answerer.classes, self.top));
        logits.with_context(|| image.to_string())
    }
}

/// Classifies.
pub fn run(plan: Plan) -> Result<Answer> {
    answer(plan, &mut output())?;
    Ok(Answer::Yes)
}

/// Writes each image's answer, and each error where it happens.
///
/// # Errors
/// The error of a single image; of several, how many have no answer.
fn answer(mut plan: Plan, out: &mut dyn Write) -> Result<()> {
    let images = std::mem::take(&mut plan.images);
    let mut report = Vec::new();
    let mut failed = Vec::new();
    for image in &images {
        let json = plan.json;
        match plan.rank(image) {
            Ok(ranking) if json => report.push(object(image, &ranking)),
            Ok(ranking) => writeln!(out, "{image}: {}", line(&ranking))?,
            Err(error) => {
                if json {
                    let error = format!("{error:#}");
                    report.push(json!({ "image": image.to_string(), "error": error }));
                }
                if images.len() > 1 {
                    note(format_args!("error: {error:#}"));
                }
                failed.push(error);
            }
        }
    }
    if plan.json {
        writeln!(out, "{:#}", Value::from(report))?;
    }
    match failed.pop() {
        None => Ok(()),
        Some(error) if images.len() == 1 => Err(error),
        Some(_) => Err(anyhow!(
            "{} of {} images have no answer",
            failed.len() + 1,
            images.len()
        )),
    }
}

/// An answer for people.
fn line(ranking: &Ranking) -> String {
    let places = ranking.places.iter().enumerate().map(|(nth, place)| {
        let behind = match ranking.margin {
            Some(margin) if nth == 0 => format!(" (margin {margin:.3})"),
            None => String::new(),
            Some(_) => format!(" (-{:.3})", place.distance),
        };
        format!("{} {:.3}{behind}", place.label, place.logit)
    });
    places.collect::<Vec<_>>().join("; ")
}

/// An answer for programs.
fn object(image: &Source, ranking: &Ranking) -> Value {
    let places = ranking.places.iter().map(|place| {
        json!({
            "label": place.label,
            "index": place.index,
            "logit": place.logit,
            "distance": place.distance,
        })
    });
    let first = &ranking.places[0];
    json!({
        "image": image.to_string(),
        "label": first.label,
        "index": first.index,
        "margin": ranking.margin,
        "top": places.collect::<Value>(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Gray pictures of two pixels; the logits are 2 · left, right and their mean.
    fn plan(images: &[&Path], top: usize, json: bool) -> Plan {
        let classes = ["left", "right", "both"].map(str::to_owned);
        Plan {
            answerer: Answerer {
                shape: [1, 2, 1],
                white: u8::MAX,
                classes: classes.to_vec(),
                logits: Box::new(|pixels| {
                    let [left, right] = [pixels[0], pixels[1]].map(f32::from);
                    Ok(vec![2.0 * left, right, (left + right) / 2.0])
                }),
            },
            images: images
                .iter()
                .map(|path| Source::from(path.to_path_buf()))
                .collect(),
            top,
            resize: false,
            convert: false,
            json,
        }
    }

    /// What is written for people or programs, and what is said in the end.
    fn answers(plan: Plan) -> (String, String) {
        let mut out = Vec::new();
        let error = answer(plan, &mut out).err();
        let error = error.map(|error| format!("{error:#}"));
        (String::from_utf8(out).unwrap(), error.unwrap_or_default())
    }

    /// Two pictures, and a text between them.
    fn images(directory: &Path) -> [PathBuf; 3] {
        let paths = ["a.png", "b.txt", "c.png"].map(|name| directory.join(name));
        let picture = |pixels: [u8; 2]| image::GrayImage::from_raw(2, 1, pixels.to_vec()).unwrap();
        picture([3, 1]).save(&paths[0]).unwrap();
        fs::write(&paths[1], "text").unwrap();
        picture([10, 200]).save(&paths[2]).unwrap();
        paths
    }

    /// What is said of the text.
    fn no_picture(path: &Path) -> String {
        let expected = "expected a png or jpg file";
        format!("{}: found another format, {expected}", path.display())
    }

    #[test]
    fn people_get_a_line_for_each_image() {
        let directory = tempfile::tempdir().unwrap();
        let [a, b, c] = images(directory.path());
        let (lines, error) = answers(plan(&[&a, &b, &c], 2, false));
        let expected = format!(
            "{}: left 6.000 (margin 4.000); both 2.000 (-4.000)\n\
             {}: right 200.000 (margin 95.000); both 105.000 (-95.000)\n",
            a.display(),
            c.display()
        );
        assert_eq!(lines, expected);
        assert_eq!(error, "1 of 3 images have no answer");
    }

    #[test]
    fn programs_get_one_array_with_errors_in_it() {
        let directory = tempfile::tempdir().unwrap();
        let [a, b, _] = images(directory.path());
        let (report, error) = answers(plan(&[&a, &b], 1, true));
        let expected = json!([
            {
                "image": a,
                "label": "left",
                "index": 0,
                "margin": 4.0,
                "top": [{ "label": "left", "index": 0, "logit": 6.0, "distance": 0.0 }],
            },
            {
                "image": b,
                "error": no_picture(&b),
            },
        ]);
        assert_eq!(report, format!("{expected:#}\n"));
        assert_eq!(error, "1 of 2 images have no answer");
    }

    #[test]
    fn the_error_of_a_single_image_is_that_of_the_command() {
        let directory = tempfile::tempdir().unwrap();
        let [a, b, _] = images(directory.path());
        let expected = no_picture(&b);
        let (lines, error) = answers(plan(&[&b], 3, false));
        assert_eq!((lines, error), (String::new(), expected));
        let mut plan = plan(&[&a], 3, false);
        plan.answerer.logits = Box::new(|_| Ok(vec![f32::NAN; 3]));
        let expected = format!(
            "{}: logit of left is NaN, expected a finite number",
            a.display()
        );
        assert_eq!(answers(plan), (String::new(), expected));
    }
}
