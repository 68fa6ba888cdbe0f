//! Files of Debian packages, which are where public sequence can be had by anybody.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use flate2::read::MultiGzDecoder;
use geno_core::Digest;
use geno_provenance::write_atomic;
use liblzma::read::XzDecoder;

/// Where the packages of the current release are.
const CURRENT: &str = "http://deb.debian.org/debian/pool/main";

/// Where those of earlier ones stay.
const ARCHIVE: &str = "https://snapshot.debian.org/archive/debian/20250520T000000Z/pool/main";

/// A package, and what is taken from it.
pub(crate) struct Package {
    /// Below the pool, with the version.
    pub(crate) path: &'static str,
    pub(crate) sha256: &'static str,
    /// Largest number of bytes of the package.
    pub(crate) size: u64,
    pub(crate) files: &'static [PackagedFile],
}

/// A file of a package.
pub(crate) struct PackagedFile {
    /// Its path in the package.
    pub(crate) path: &'static str,
    /// Its name in our folder. A compressed file of a name without `.gz` is expanded.
    pub(crate) name: &'static str,
}

impl Package {
    /// Brings the files into a folder, of which those that are there already are left alone.
    pub(crate) fn unpack(&self, folder: &Path) -> Result<()> {
        let is_there = |file: &PackagedFile| folder.join(file.name).exists();
        if self.files.iter().all(is_there) {
            return Ok(());
        }
        let package = self.download(folder)?;
        let mut archive = ar::Archive::new(File::open(&package)?);
        while let Some(member) = archive.next_entry() {
            let member = member?;
            if member.header().identifier() == b"data.tar.xz" {
                return self.take_files(member, folder);
            }
        }
        bail!("`{}` has no data", self.path)
    }

    fn take_files(&self, data: impl Read, folder: &Path) -> Result<()> {
        let mut n_taken = 0;
        let mut tar = tar::Archive::new(XzDecoder::new(data));
        for entry in tar.entries()? {
            let mut entry = entry?;
            let path = entry.path()?.into_owned();
            let inside = path.strip_prefix(".").unwrap_or(&path);
            let wanted = self
                .files
                .iter()
                .find(|file| Path::new(file.path) == inside);
            let Some(file) = wanted else { continue };
            let expands = file.path.ends_with(".gz") && !file.name.ends_with(".gz");
            write_atomic(&folder.join(file.name), |out| {
                match expands {
                    true => io::copy(&mut MultiGzDecoder::new(&mut entry), out),
                    false => io::copy(&mut entry, out),
                }
                .map(drop)
            })?;
            n_taken += 1;
        }
        ensure!(n_taken == self.files.len(), "`{}` lacks a file", self.path);
        Ok(())
    }

    /// The package itself, whose digest is known beforehand.
    fn download(&self, folder: &Path) -> Result<PathBuf> {
        let name = Path::new(self.path).file_name().unwrap_or_default();
        let target = folder.join(name);
        if !target.exists() {
            let bytes = self
                .get(CURRENT)
                .or_else(|first| self.get(ARCHIVE).context(format!("{first:#}")))
                .with_context(|| format!("cannot download `{}`", self.path))?;
            write_atomic(&target, |out| io::copy(&mut &bytes[..], out).map(drop))?;
        }
        let found = Digest::of(&fs::read(&target)?);
        let expected = format!("sha256:{}", self.sha256);
        ensure!(
            found.to_string() == expected,
            "`{}` is {found}, not {expected}",
            target.display()
        );
        Ok(target)
    }

    fn get(&self, pool: &str) -> Result<Vec<u8>> {
        let mut response = ureq::get(format!("{pool}/{}", self.path)).call()?;
        Ok(response
            .body_mut()
            .with_config()
            .limit(self.size + 1)
            .read_to_vec()?)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use liblzma::write::XzEncoder;

    use super::*;

    const FILES: &[PackagedFile] = &[
        PackagedFile {
            path: "usr/share/doc/p/20.fa.gz",
            name: "20.fa",
        },
        PackagedFile {
            path: "usr/share/doc/p/v.vcf.gz",
            name: "v.vcf.gz",
        },
    ];

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    /// A package with these files, in a folder as if it had been downloaded.
    fn package(folder: &Path, files: &[(&str, Vec<u8>)]) -> Package {
        let mut tar = tar::Builder::new(XzEncoder::new(Vec::new(), 0));
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, format!("./{path}"), &bytes[..])
                .unwrap();
        }
        let data = tar.into_inner().unwrap().finish().unwrap();
        let mut archive = ar::Builder::new(Vec::new());
        for (name, bytes) in [("debian-binary", b"2.0\n".to_vec()), ("data.tar.xz", data)] {
            let header = ar::Header::new(name.into(), bytes.len() as u64);
            archive.append(&header, &bytes[..]).unwrap();
        }
        let bytes = archive.into_inner().unwrap();
        fs::write(folder.join("p_1_all.deb"), &bytes).unwrap();
        let digest = Digest::of(&bytes).to_string();
        Package {
            path: "p/p/p_1_all.deb",
            sha256: digest.strip_prefix("sha256:").unwrap().to_owned().leak(),
            size: bytes.len() as u64,
            files: FILES,
        }
    }

    #[test]
    fn files_are_taken_and_expanded_as_their_names_say() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("usr/share/doc/p/20.fa.gz", gzip(">20\nACGT\n")),
            ("usr/share/doc/p/other", b"other".to_vec()),
            ("usr/share/doc/p/v.vcf.gz", gzip("#CHROM\n")),
        ];
        package(folder.path(), &files)
            .unpack(folder.path())
            .unwrap();
        let read = |name| fs::read(folder.path().join(name)).unwrap();
        assert_eq!(read("20.fa"), b">20\nACGT\n");
        assert_eq!(read("v.vcf.gz"), gzip("#CHROM\n"));
        assert!(!folder.path().join("other").exists());
    }

    #[test]
    fn another_package_of_the_name_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let package = package(
            folder.path(),
            &[("usr/share/doc/p/20.fa.gz", gzip(">20\n"))],
        );
        let path = folder.path().join("p_1_all.deb");
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        let error = package.unpack(folder.path()).unwrap_err();
        assert!(error.to_string().contains(package.sha256), "{error}");
        assert!(!folder.path().join("20.fa").exists());
    }

    #[test]
    fn a_package_without_one_of_its_files_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let package = package(
            folder.path(),
            &[("usr/share/doc/p/20.fa.gz", gzip(">20\n"))],
        );
        let error = package.unpack(folder.path()).unwrap_err();
        assert_eq!(error.to_string(), "`p/p/p_1_all.deb` lacks a file");
    }
}
