//! What can go wrong with a training run.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::Model;
use crate::recipe::{BuiltIn, Difference};

/// Why a run cannot start or go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// No built-in recipe of this name.
    NoRecipe {
        /// The name.
        name: String,
        /// The nearest one.
        nearest: Option<String>,
    },
    /// No built-in network or recipe of this name.
    NoNetwork {
        /// The name.
        name: String,
        /// The nearest one.
        nearest: Option<String>,
    },
    /// A network that was to be trained, and has no data.
    NoData {
        /// The network.
        name: String,
    },
    /// A text that is not a recipe.
    Recipe {
        /// The recipe.
        name: String,
        /// The known word nearest to one that is not known.
        nearest: Option<String>,
        /// What is wrong, with its line.
        source: Box<toml::de::Error>,
    },
    /// A setting that cannot be read.
    BadSetting {
        /// The setting.
        setting: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A setting's key that no table of a recipe has.
    UnknownKey {
        /// The key.
        key: String,
        /// The nearest known one.
        nearest: Option<String>,
    },
    /// Settings after which a recipe is none.
    Setting {
        /// The settings.
        settings: String,
        /// The known word nearest to one that is not known.
        nearest: Option<String>,
        /// What is wrong.
        message: String,
    },
    /// A number of a recipe that is out of its range.
    Value {
        /// The recipe.
        recipe: String,
        /// The key and its value.
        what: String,
        /// The range.
        expected: &'static str,
    },
    /// A width that is not a number above 0.
    Width {
        /// The width.
        found: f64,
    },
    /// A key of a layer that is missing or does not belong there.
    Layer {
        /// The layer.
        layer: String,
        /// The key.
        what: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// A shortcut from a layer that does not exist.
    NoLayer {
        /// The layer that the shortcut leads to.
        layer: String,
        /// The name it comes from.
        source_name: String,
        /// The nearest name.
        nearest: Option<String>,
    },
    /// A network that cannot be.
    Network(orthant_model::Error),
    /// A network is asked for without its data, whose files alone say what their images are.
    UnknownImages {
        /// The data set.
        data: &'static str,
    },
    /// Data that cannot be read or ordered.
    Data(orthant_data::Error),
    /// Numbers that are not, or a shape that the kernels refuse.
    Kernels {
        /// The layer.
        layer: String,
        /// What is wrong.
        source: orthant_kernels::Error,
    },
    /// Numbers that are not finite, or a loss far larger than at the start.
    Diverged {
        /// Steps taken before.
        step: u64,
        /// What is not finite or too large.
        what: String,
    },
    /// A fill pixel that the data cannot have.
    Fill {
        /// The pixel's value.
        found: u8,
        /// The largest that occurs.
        largest: u8,
    },
    /// A file that cannot be read or written.
    Io {
        /// What was to be done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it cannot.
        source: io::Error,
    },
    /// A run directory that is there already.
    RunExists {
        /// The directory.
        path: PathBuf,
    },
    /// A directory that holds no run.
    NoRun {
        /// The directory.
        path: PathBuf,
        /// The file that is missing.
        missing: &'static str,
    },
    /// A directory in which another process trains.
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// A run that was to go on with another recipe or other data.
    Changed {
        /// The directory.
        path: PathBuf,
        /// What differs.
        differences: Vec<Difference>,
    },
    /// A run that was to end before where it is.
    Behind {
        /// Epochs that were begun.
        begun: usize,
        /// Epochs of the recipe.
        epochs: usize,
    },
    /// A stamp that cannot be read.
    Stamp {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A line of metrics that is none.
    Metrics {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A checkpoint that cannot be read.
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A file that is something else, a pipe or a device.
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// Images of another shape than a run was trained on.
    DataShape {
        /// Height, width and channels of the run's images.
        expected: [usize; 3],
        /// Those of the data.
        found: [usize; 3],
    },
    /// A label beyond a run's classes.
    Label {
        /// Classes of the run.
        classes: usize,
        /// The label.
        found: usize,
    },
}

impl Error {
    /// What the system says of a file.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::Io {
            action,
            path,
            source,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hint = |f: &mut fmt::Formatter, nearest: &Option<String>| match nearest {
            Some(nearest) => write!(f, "; the nearest known name is `{nearest}`"),
            None => Ok(()),
        };
        match self {
            Self::NoRecipe { name, nearest } => {
                write!(f, "no recipe is named {name:?}")?;
                hint(f, nearest)?;
                f.write_str("; expected the path of a TOML file, or one of")?;
                let names = BuiltIn::ALL.iter().map(|one| one.name);
                names.into_iter().try_for_each(|name| write!(f, " {name}"))
            }
            Self::NoNetwork { name, nearest } => {
                write!(f, "no network is named {name:?}")?;
                hint(f, nearest)?;
                f.write_str("; expected the path of a TOML file, or one of")?;
                let known = BuiltIn::NETWORKS.iter().chain(&BuiltIn::ALL);
                known
                    .map(|one| one.name)
                    .try_for_each(|name| write!(f, " {name}"))
            }
            Self::NoData { name } => write!(
                f,
                "{name} is a network without data or training, expected a recipe, which has both; \
                 `orthant inspect --network {name}` says what it costs"
            ),
            Self::Recipe {
                name,
                nearest,
                source,
            } => {
                write!(f, "recipe {name}: {}", source.to_string().trim_end())?;
                hint(f, nearest)
            }
            Self::BadSetting { setting, expected } => {
                write!(f, "setting {setting:?} cannot be read, expected {expected}")
            }
            Self::UnknownKey { key, nearest } => {
                write!(
                    f,
                    "a recipe has no key `{key}`, expected one that docs/recipes.md lists"
                )?;
                hint(f, nearest)
            }
            Self::Setting {
                settings,
                nearest,
                message,
            } => {
                write!(f, "with the settings {settings}: {}", message.trim_end())?;
                hint(f, nearest)
            }
            Self::Value {
                recipe,
                what,
                expected,
            } => write!(f, "recipe {recipe}: {what}, expected {expected}"),
            Self::Width { found } => {
                write!(f, "the width is {found}, expected a number above 0")
            }
            Self::Layer {
                layer,
                what,
                expected,
            } => write!(f, "layer {layer}: `{what}`: expected {expected}"),
            Self::NoLayer {
                layer,
                source_name,
                nearest,
            } => {
                write!(
                    f,
                    "layer {layer}: the shortcut comes from {source_name:?}, which is no layer"
                )?;
                hint(f, nearest)
            }
            Self::Network(error) => error.fmt(f),
            Self::UnknownImages { data } => write!(
                f,
                "what images {data} holds is not known before it is read; train on it, or name a \
                 network that says `input` and `classes` itself"
            ),
            Self::Data(error) => error.fmt(f),
            Self::Kernels { layer, source } => write!(f, "layer {layer}: {source}"),
            Self::Diverged { step, what } => write!(
                f,
                "training diverged at step {step}: {what}; lower the learning rate; the last good \
                 checkpoint is kept"
            ),
            Self::Fill { found, largest } => write!(
                f,
                "data.augment.fill = {found}, expected at most {largest}, the data's largest pixel"
            ),
            Self::Io {
                action,
                path,
                source,
            } => write!(f, "cannot {action} {}: {source}", path.display()),
            Self::RunExists { path } => write!(
                f,
                "{} exists and is not empty; name another directory with --out, or go on with the \
                 run that it holds with --resume",
                path.display()
            ),
            Self::NoRun { path, missing } => write!(
                f,
                "{} is no run: it holds no {missing}; expected a directory that `orthant train` \
                 wrote",
                path.display()
            ),
            Self::Locked { path } => write!(
                f,
                "another process trains in {}; wait for it, or stop it first",
                path.display()
            ),
            Self::Changed { path, differences } => write!(
                f,
                "{} holds another run: {}; go on as it was, or with --force as it is now",
                path.display(),
                differences
                    .iter()
                    .map(Difference::to_string)
                    .collect::<Vec<_>>()
                    .join("; ")
            ),
            Self::Behind { begun, epochs } => write!(
                f,
                "training.epochs is {epochs}, expected at least {begun}, which the run has begun"
            ),
            Self::Stamp { path, message } => {
                write!(f, "{}: no stamp of a run: {message}", path.display())
            }
            Self::Metrics {
                path,
                line,
                message,
            } => write!(f, "{}: line {line}: {message}", path.display()),
            Self::Checkpoint { path, message } => {
                write!(f, "checkpoint {}: {message}", path.display())
            }
            Self::NotAFile { path } => {
                write!(f, "{} is no regular file, expected one", path.display())
            }
            Self::DataShape { expected, found } => {
                let text = |[height, width, channels]: &[usize; 3]| {
                    format!("{height} x {width} x {channels}")
                };
                write!(
                    f,
                    "the images are {}, expected {} as the run was trained on",
                    text(found),
                    text(expected)
                )
            }
            Self::Label { classes, found } => write!(
                f,
                "the data have a label {found}, expected less than {classes}, the run's classes"
            ),
        }
    }
}

/// A message holds its cause; there is no second one to print.
impl std::error::Error for Error {}

impl From<orthant_model::Error> for Error {
    fn from(error: orthant_model::Error) -> Self {
        Self::Network(error)
    }
}

impl From<orthant_data::Error> for Error {
    fn from(error: orthant_data::Error) -> Self {
        Self::Data(error)
    }
}

/// Names the layer in which kernels refused something.
pub(crate) trait InLayer<T> {
    fn in_layer(self, model: &Model, layer: usize) -> Result<T, Error>;
}

impl<T> InLayer<T> for Result<T, orthant_kernels::Error> {
    fn in_layer(self, model: &Model, layer: usize) -> Result<T, Error> {
        self.map_err(|source| Error::Kernels {
            layer: model.network().layers[layer].name.clone(),
            source,
        })
    }
}
