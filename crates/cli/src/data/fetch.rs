//! `orthant data fetch`: a published data set on this machine.

#[cfg(feature = "fetch")]
mod progress;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use orthant_data::{Known, Published, default_directory};

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// cifar10, cifar100, mnist or fashion-mnist.
    name: String,
    /// Where to [default: a directory of that name in $ORTHANT_DATA, else in orthant in
    /// $XDG_DATA_HOME or ~/.local/share].
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// A mirror: the URL of the directory that has the files; the SHA-256 stays the check.
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// Replace a file that is there with another SHA-256.
    #[arg(long)]
    force: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "Examples:
  orthant data fetch mnist
  orthant data fetch cifar10 --to /data/cifar10
  orthant data fetch cifar10 --from https://mirror.example/cifar

A file grows as NAME.part and gets its name once its SHA-256 is right. What breaks off is continued
by the same command; what is there already is not fetched again. Nothing is unpacked: the sources
read the files as they are. Proxies come from ALL_PROXY, HTTPS_PROXY, HTTP_PROXY and NO_PROXY,
certificates from the system or SSL_CERT_FILE.";

/// What will be fetched.
pub struct Plan {
    published: &'static Published,
    directory: PathBuf,
    #[cfg_attr(not(feature = "fetch"), expect(dead_code))]
    from: Option<String>,
    #[cfg_attr(not(feature = "fetch"), expect(dead_code))]
    force: bool,
    #[cfg_attr(not(feature = "fetch"), expect(dead_code))]
    json: bool,
}

impl Plan {
    /// Finds the data set and the place.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let Some(published) = Published::find(&arguments.name) else {
            if let Some((name, _)) = arguments.name.split_once(':') {
                bail!("expected a name alone, such as {name}; --to DIR names the place");
            }
            // An unknown name gets the known one nearest to it.
            let known: Known = arguments.name.parse()?;
            bail!(
                "{} is published nowhere; its files are one's own",
                known.name()
            );
        };
        if !published.is_fetchable() {
            bail!("{} is built in and needs no files", published.name);
        }
        let directory = match arguments.to {
            Some(directory) => directory,
            None => default_directory(published.name).context(
                "no default place, since ORTHANT_DATA, XDG_DATA_HOME and HOME are not set; name \
                 one with --to DIR",
            )?,
        };
        // The source that is printed in the end holds from anywhere.
        let directory = std::path::absolute(&directory)
            .with_context(|| format!("cannot find {}", directory.display()))?;
        if directory.to_str().is_none() {
            bail!(
                "{} is not UTF-8, so that no source can name it; name another directory with \
                 --to DIR",
                directory.display()
            );
        }
        Ok(Self {
            published,
            directory,
            from: arguments.from,
            force: arguments.force,
            json: arguments.json,
        })
    }

    /// What to do without this command.
    fn by_hand(&self) -> String {
        format!(
            "{}\n  then use it as {}; the same command checks it first",
            self.published.by_hand(&self.directory),
            self.published.spec(&self.directory)
        )
    }
}

/// Says how to do it by hand.
#[cfg(not(feature = "fetch"))]
pub fn run(plan: Plan) -> Result<()> {
    bail!(
        "this program is built without downloads, expected the feature fetch\n{}",
        plan.by_hand()
    )
}

/// Fetches what is not there.
#[cfg(feature = "fetch")]
pub fn run(plan: Plan) -> Result<()> {
    use std::io::Write;

    use orthant_data::{FetchOptions, Fetched, fetch};
    use serde_json::json;

    use crate::output::{note, output};

    let options = FetchOptions {
        mirror: plan.from.clone(),
        replaces: plan.force,
        ..FetchOptions::default()
    };
    let mut files = Vec::new();
    for file in plan.published.files {
        let mut progress = progress::Progress::new(file);
        let done = fetch(file, &plan.directory, &options, &mut |event| {
            progress.event(&event)
        });
        progress.end();
        let fetched = match done {
            Ok(fetched) => fetched,
            Err(error) if error.is_of_the_network() => bail!("{error}\n{}", plan.by_hand()),
            Err(error) => return Err(error.into()),
        };
        let how = match fetched {
            Fetched::Present => "there already",
            Fetched::Downloaded { resumed_bytes: 0 } => "downloaded",
            Fetched::Downloaded { .. } => "continued",
        };
        if !plan.json {
            let path = plan.directory.join(file.name);
            note(format_args!(
                "{}: {how}, SHA-256 as published",
                path.display()
            ));
        }
        files.push(json!({
            "file": file.name,
            "bytes": file.bytes,
            "sha256": file.sha256,
            "outcome": how,
        }));
    }
    let spec = plan.published.spec(&plan.directory);
    let mut out = output();
    match plan.json {
        true => {
            let report = json!({
                "name": plan.published.name,
                "directory": plan.directory.display().to_string(),
                "source": spec,
                "files": files,
            });
            writeln!(out, "{report:#}")?;
        }
        false => writeln!(out, "{spec}")?,
    }
    Ok(())
}
