//! Data sets as they are published: where from, under which terms, and the files' SHA-256.

use std::fmt::Write;
use std::path::Path;

use crate::{mnist, place};

/// A data set and its source, whether or not its files can be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// The name that sources use.
    pub name: &'static str,
    /// Images of the training and of the test split.
    pub images: [usize; 2],
    /// Who made it, under which licence.
    pub origin: &'static str,
    /// What a fetch downloads; nothing for what is built in.
    pub files: &'static [RemoteFile],
    /// The file that the name of a source takes behind its `:`; none where it is the directory.
    pub archive: Option<&'static str>,
}

/// One published file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoteFile {
    /// Its name there and here.
    pub name: &'static str,
    /// The directory that it is published in, which ends in `/`.
    pub base: &'static str,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 as 64 hexadecimal digits.
    pub sha256: &'static str,
}

const CIFAR: &str = "https://www.cs.toronto.edu/~kriz/";
const MNIST: &str = "https://storage.googleapis.com/cvdf-datasets/mnist/";
/// The authors' repository at the commit whose files the hashes are of.
const FASHION: &str = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/\
     b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/";

impl Published {
    /// Every one whose source is known.
    pub const ALL: [Self; 5] = [
        Self {
            name: "digits",
            images: [1_437, 360],
            origin: "E. Alpaydin and C. Kaynak 1998, UCI; CC BY 4.0",
            files: &[],
            archive: None,
        },
        Self {
            name: "cifar10",
            images: [50_000, 10_000],
            origin: "A. Krizhevsky 2009, cs.toronto.edu/~kriz/cifar.html; no licence stated",
            files: &[RemoteFile {
                name: "cifar-10-binary.tar.gz",
                base: CIFAR,
                bytes: 170_052_171,
                sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            }],
            archive: Some("cifar-10-binary.tar.gz"),
        },
        Self {
            name: "cifar100",
            images: [50_000, 10_000],
            origin: "A. Krizhevsky 2009, cs.toronto.edu/~kriz/cifar.html; no licence stated",
            files: &[RemoteFile {
                name: "cifar-100-binary.tar.gz",
                base: CIFAR,
                bytes: 168_513_733,
                sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
            }],
            archive: Some("cifar-100-binary.tar.gz"),
        },
        Self {
            name: "mnist",
            images: [60_000, 10_000],
            origin: "Y. LeCun, C. Cortes and C. Burges 1998; no licence stated",
            files: &[
                RemoteFile {
                    name: "train-images-idx3-ubyte.gz",
                    base: MNIST,
                    bytes: 9_912_422,
                    sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                },
                RemoteFile {
                    name: "train-labels-idx1-ubyte.gz",
                    base: MNIST,
                    bytes: 28_881,
                    sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                },
                RemoteFile {
                    name: "t10k-images-idx3-ubyte.gz",
                    base: MNIST,
                    bytes: 1_648_877,
                    sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                },
                RemoteFile {
                    name: "t10k-labels-idx1-ubyte.gz",
                    base: MNIST,
                    bytes: 4_542,
                    sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                },
            ],
            archive: None,
        },
        Self {
            name: "fashion-mnist",
            images: [60_000, 10_000],
            origin: "H. Xiao, K. Rasul and R. Vollgraf 2017, Zalando; MIT",
            files: &[
                RemoteFile {
                    name: "train-images-idx3-ubyte.gz",
                    base: FASHION,
                    bytes: 26_421_880,
                    sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                },
                RemoteFile {
                    name: "train-labels-idx1-ubyte.gz",
                    base: FASHION,
                    bytes: 29_515,
                    sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                },
                RemoteFile {
                    name: "t10k-images-idx3-ubyte.gz",
                    base: FASHION,
                    bytes: 4_422_102,
                    sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                },
                RemoteFile {
                    name: "t10k-labels-idx1-ubyte.gz",
                    base: FASHION,
                    bytes: 5_148,
                    sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                },
            ],
            archive: None,
        },
    ];

    /// The one of a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        const ALL: &[Published] = &Published::ALL;
        ALL.iter().find(|published| published.name == name)
    }

    /// Whether there are files to fetch.
    pub fn is_fetchable(&self) -> bool {
        !self.files.is_empty()
    }

    /// The source as typed, for files that lie in `directory`: `mnist:DIRECTORY`.
    pub fn spec(&self, directory: &Path) -> String {
        match self.archive {
            _ if self.files.is_empty() => self.name.to_owned(),
            Some(archive) => format!("{}:{}", self.name, directory.join(archive).display()),
            None => format!("{}:{}", self.name, directory.display()),
        }
    }

    /// The source as typed, if all files lie at the default place at their length.
    ///
    /// Their hashes are not computed.
    pub fn at_default_place(&self) -> Option<String> {
        let directory = place::directory(self.name);
        if let Some(directory) = directory.filter(|_| self.is_fetchable()) {
            let stands = |file: &RemoteFile| {
                let metadata = directory.join(file.name).metadata();
                metadata.is_ok_and(|there| there.is_file() && there.len() == file.bytes)
            };
            if self.files.iter().all(stands) {
                return Some(self.spec(&directory));
            }
        }
        let packaged =
            self.name == "fashion-mnist" && mnist::are_in(Path::new(mnist::FASHION_DIRECTORY));
        (packaged || !self.is_fetchable()).then(|| self.name.to_owned())
    }

    /// What to download by hand and where to put it, a line for each file.
    pub fn by_hand(&self, directory: &Path) -> String {
        let mut text = format!("by hand, download to {}:", directory.display());
        for file in self.files {
            let RemoteFile {
                name,
                base,
                bytes,
                sha256,
            } = file;
            write!(
                text,
                "\n  {base}{name}\n    {bytes} bytes, SHA-256 {sha256}"
            )
            .expect("a string takes any text");
        }
        text
    }
}

impl RemoteFile {
    /// Where it is published, or at a mirror: a base URL, with or without `/` at its end.
    pub fn url(&self, mirror: Option<&str>) -> String {
        match mirror {
            Some(base) => format!("{}/{}", base.trim_end_matches('/'), self.name),
            None => format!("{}{}", self.base, self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Known;

    #[test]
    fn every_known_name_has_a_source() {
        for known in Known::ALL {
            // What is read from a folder of one's own is published nowhere.
            let own = matches!(known, Known::Folder | Known::Parquet);
            assert_eq!(Published::find(known.name()).is_none(), own, "{known:?}");
        }
        for published in Published::ALL {
            assert!(
                published.name.parse::<Known>().is_ok(),
                "{}",
                published.name
            );
        }
        assert!(Published::find("digits").is_some_and(|digits| !digits.is_fetchable()));
    }

    #[test]
    fn hashes_and_places_are_well_formed() {
        for published in Published::ALL {
            for file in published.files {
                let digits = file.sha256.bytes();
                assert!(
                    digits
                        .clone()
                        .all(|d| matches!(d, b'0'..=b'9' | b'a'..=b'f'))
                );
                assert_eq!(digits.len(), 64, "{}", file.name);
                assert!(file.base.starts_with("https://") && file.base.ends_with('/'));
                assert!(!file.name.contains('/'));
            }
            let archived = published.archive.is_none_or(|archive| {
                published.files.len() == 1 && published.files[0].name == archive
            });
            assert!(archived, "{}", published.name);
        }
    }

    #[test]
    fn a_mirror_replaces_the_directory_alone() {
        let file = Published::find("cifar10").expect("known").files[0];
        for mirror in ["http://mirror/a", "http://mirror/a/"] {
            assert_eq!(
                file.url(Some(mirror)),
                "http://mirror/a/cifar-10-binary.tar.gz"
            );
        }
        assert_eq!(
            file.url(None),
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
        );
    }

    #[test]
    fn the_digits_are_as_many_as_said() {
        let digits = crate::Dataset::open(&crate::Source::Digits).expect("built in");
        let [train, test] = Published::find("digits").expect("known").images;
        assert_eq!([digits.train().len(), digits.test().len()], [train, test]);
    }
}
